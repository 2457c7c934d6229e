{#-
    Every landed record ends in exactly one place. `facts` is counted in the core tables, not in
    staging: a row that a join loses or doubles on the way shows as a difference.
-#}
{%- set homes = {
    'customers': ('dim_customer', 'record_key is not null'),
    'customer_links': ('fct_customer_link', 'span_no = 1'),
    'units': ('dim_unit', 'record_key is not null'),
    'touchpoints': ('dim_touchpoint', 'record_key is not null'),
    'orders': ('fct_order', none),
    'journey_events': ('fct_journey_event', none),
    'invitations': ('fct_invitation', none),
    'cases': ('fct_complaint', "origin = 'case'"),
    'case_events': ('fct_complaint_event', "not is_derived and origin = 'case'"),
    'products': ('dim_product', 'record_key is not null'),
    'employees': ('dim_employee', none),
    'order_lines': ('fct_order_line', none),
    'contacts': ('fct_contact', none),
    'loop_actions': ('fct_loop_action', none),
    'campaigns': ('dim_campaign', none),
    'experiments': ('dim_experiment', none),
    'assignments': ('fct_experiment_assignment', none),
    'improvements': ('fct_improvement', none),
    'employee_responses': ('fct_employee_response', none),
    'qsc_audits': ('fct_qsc_audit', none),
    'benchmarks': ('fct_benchmark', none),
    'survey_response': ('fct_survey_response', none),
    'survey_answer': ('fct_survey_answer', none),
    'mot_rating': ('fct_mot_rating', none),
    'kano_answer': ('fct_kano_answer', none),
    'complaint': ('fct_complaint', "origin = 'public'"),
    'complaint_event': ('fct_complaint_event', "not is_derived and origin = 'public'"),
    'review': ('fct_review', none),
    'rating_summary': ('fct_rating_summary', none),
    'item_state': ('fct_item_state', none),
} -%}
{#- These keep every version that stood at the end of its night, not only the last. -#}
{%- set with_history = "'customers', 'units', 'employees', 'rating_summary', 'item_state'" -%}
{#-
    These need no items of their own in a page or file: they are cut out of another entity's page, or
    told from its absence.
-#}
{%- set cut_out = [
    "'survey_answer', 'mot_rating', 'kano_answer'",
    "'complaint_event', 'rating_summary', 'item_state'",
] | join(', ') -%}

with placed_in_core as (
    {%- for entity, (home, condition) in homes.items() %}
        select
            source,
            '{{ entity }}' as entity,
            record_dt as dt,
            count(*) as facts
        from {{ ref(home) }}
        {%- if condition %}
            where {{ condition }}
        {%- endif %}
        group by source, record_dt
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

counts as (
    select
        source,
        entity,
        dt,
        0 as seen,
        0 as landed,
        0 as quarantined,
        facts,
        0 as superseded,
        0 as duplicates,
        0 as closings
    from placed_in_core

    union all

    select
        source,
        entity,
        dt,
        0 as seen,
        count(*) as landed,
        0 as quarantined,
        0 as facts,
        sum(case
            when disposition <> 'superseded' then 0
            when stands_at_day_end and entity in ({{ with_history }}) then 0
            else 1
        end) as superseded,
        sum(case when disposition = 'duplicate' then 1 else 0 end) as duplicates,
        sum(case
            when is_closing and stands_at_day_end and entity in ({{ with_history }}) then 1
            else 0
        end) as closings
    from {{ ref('int_record_dispositions') }}
    group by source, entity, dt

    union all

    select
        source,
        entity,
        dt,
        0 as seen,
        0 as landed,
        count(*) as quarantined,
        0 as facts,
        0 as superseded,
        0 as duplicates,
        0 as closings
    from {{ ref('quarantine_record') }}
    group by source, entity, dt

    union all

    select
        source,
        entity,
        as_of as dt,
        sum(items_seen) as seen,
        0 as landed,
        0 as quarantined,
        0 as facts,
        0 as superseded,
        0 as duplicates,
        0 as closings
    from {{ ref('request_outcome') }}
    where items_seen > 0
    group by source, entity, as_of
),

totals as (
    select
        source,
        entity,
        dt,
        cast(sum(seen) as bigint) as items_seen,
        cast(sum(landed) as bigint) as landed,
        cast(sum(quarantined) as bigint) as quarantined,
        cast(sum(facts) as bigint) as facts,
        cast(sum(superseded) as bigint) as superseded,
        cast(sum(duplicates) as bigint) as duplicates,
        cast(sum(closings) as bigint) as closings
    from counts
    group by source, entity, dt
),

compared as (
    select
        *,
        case
            when entity in ({{ cut_out }}) then greatest(items_seen, landed + quarantined)
            -- a survey's export may tell of the invitation beside each answered form
            when entity = 'invitations' and items_seen = 0 then landed + quarantined
            else items_seen
        end as seen,
        facts + superseded + duplicates + closings + quarantined as placed
    from totals
)

select
    source,
    entity,
    dt,
    seen,
    landed,
    quarantined,
    facts,
    superseded,
    duplicates,
    closings,
    placed,
    seen - placed as difference
from compared
