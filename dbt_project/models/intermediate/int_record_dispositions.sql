{%- set entities = [
    'customers', 'customer_links', 'units', 'touchpoints', 'orders', 'journey_events',
    'invitations', 'cases', 'case_events', 'products', 'employees', 'order_lines', 'contacts',
    'loop_actions', 'campaigns', 'experiments', 'assignments', 'improvements', 'employee_responses',
    'qsc_audits', 'benchmarks', 'survey_response', 'survey_answer', 'mot_rating', 'kano_answer', 'complaint', 'complaint_event',
    'review', 'rating_summary', 'item_state',
] -%}

with records as (
    {%- for entity in entities %}
        {{ landed_envelope(entity) | indent(8) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

runs as (
    select
        source,
        dt,
        run_id,
        max({{ utc('started_at') }}) as started_at
    from {{ source('nights', 'source_run') }}
    where dt <= {{ as_of() }}
    group by source, dt, run_id
),

landed as (
    select
        records.*,
        coalesce(runs.started_at, records.observed_at) as run_started_at
    from records
    left join runs
        on
            records.source = runs.source
            and records.dt = runs.dt
            and records.run_id = runs.run_id
),

versions as (
    {{ record_versions('landed') | indent(4) }}
),

{#
    An answer taken back leaves no record: the form lands again without it. So an answer, or a choice
    of several, is known by the form it was last read with (same run, file and line), and falls with
    that form. The same goes for the rest that a form says.
#}
forms as (
    select
        source,
        dt,
        run_id,
        url,
        position,
        row_number() over (
            partition by record_key order by {{ landing_order('desc') }}
        ) as landings_back
    from landed
    where entity = 'survey_response'
),

answers as (
    select
        record_key,
        source,
        dt,
        run_id,
        url,
        position,
        row_number() over (
            partition by record_key order by {{ landing_order('desc') }}
        ) as landings_back
    from landed
    where entity in ('survey_answer', 'mot_rating', 'kano_answer')
),

taken_back as (
    select distinct answers.record_key
    from answers
    inner join forms
        on
            answers.source = forms.source
            and answers.dt = forms.dt
            and answers.run_id = forms.run_id
            and answers.url = forms.url
            and answers.position = forms.position
    where answers.landings_back = 1 and forms.landings_back > 1
)

select
    versions.source,
    versions.entity,
    versions.natural_key,
    versions.record_key,
    versions.version_hash,
    versions.observed_at,
    versions.dt,
    versions.run_id,
    versions.seq,
    versions.url,
    versions.is_closing,
    versions.version_no,
    versions.valid_from_dt,
    case
        when versions.disposition = 'current' and taken_back.record_key is not null
            then 'superseded'
        else versions.disposition
    end as disposition,
    versions.duplicate_of_run,
    versions.duplicate_of_seq,
    versions.stands_at_day_end
from versions
left join taken_back on versions.record_key = taken_back.record_key
