{{ config(schema='intermediate', contract={'enforced': false}) }}
{%- set counts = [
    'responses', 'promoters', 'passives', 'detractors', 'no_score', 'invalid_score',
    'clean_responses', 'clean_promoters', 'clean_detractors'
] %}

-- One idea: the counts of every cell that nps_period publishes, nothing derived from them yet.
-- A cell is a unit of some level, at most one split (segment, touchpoint or channel) and a period.
-- Counts are added up from the finest cells, so parts always sum to their total.
with levels as (
    select listed.unit_level
    from (values ('all'), ('region'), ('store')) as listed (unit_level)
),

splits as (
    select listed.split
    from (values ('none'), ('segment'), ('touchpoint'), ('channel')) as listed (split)
),

finest as (
    select
        period_grain,
        period_start,
        region,
        unit_id,
        segment,
        touchpoint_id,
        channel,
        count(score) as responses,
        count(*) filter (where nps_class = 'promoter') as promoters,
        count(*) filter (where nps_class = 'passive') as passives,
        count(*) filter (where nps_class = 'detractor') as detractors,
        count(*) filter (where score_status = 'no_score') as no_score,
        count(*) filter (where score_status = 'invalid_score') as invalid_score,
        count(score) filter (where is_clean) as clean_responses,
        count(*) filter (where nps_class = 'promoter' and is_clean) as clean_promoters,
        count(*) filter (where nps_class = 'detractor' and is_clean) as clean_detractors
    from {{ ref('int_nps_answer') }}
    group by 1, 2, 3, 4, 5, 6, 7
),

answers_by_cell as (
    select
        finest.period_grain,
        finest.period_start,
        levels.unit_level,
        case levels.unit_level
            when 'all' then 'all'
            when 'region' then finest.region
            else finest.unit_id
        end as unit_id,
        splits.split,
        case when splits.split = 'segment' then finest.segment else 'all' end as segment,
        case when splits.split = 'touchpoint' then finest.touchpoint_id else 'all' end
            as touchpoint_id,
        case when splits.split = 'channel' then finest.channel else 'all' end as channel,
        {%- for count in counts %}
            {{ voc.whole_sum('finest.' ~ count) }} as {{ count }},
        {%- endfor %}
        -- a unit that changed its region inside a period stands under one of the two
        max(
            case levels.unit_level
                when 'region' then 'all'
                when 'store' then finest.region
            end
        ) as parent_unit_id
    from finest
    cross join levels
    cross join splits
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

-- Invitations carry a segment and a channel but no unit and no touchpoint.
invitations_by_cell as (
    select
        invited.period_grain,
        invited.period_start,
        'all' as unit_level,
        'all' as unit_id,
        splits.split,
        case when splits.split = 'segment' then invited.segment else 'all' end as segment,
        'all' as touchpoint_id,
        case when splits.split = 'channel' then invited.channel else 'all' end as channel,
        {{ voc.whole_sum('invited.invitations_delivered') }} as invitations_delivered,
        {{ voc.whole_sum('invited.invitations_completed') }} as invitations_completed
    from {{ ref('int_nps_invitation') }} as invited
    cross join splits
    where splits.split <> 'touchpoint'
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

cell_keys as (
    select
        period_grain,
        period_start,
        unit_level,
        unit_id,
        split,
        segment,
        touchpoint_id,
        channel
    from answers_by_cell
    union
    select
        period_grain,
        period_start,
        unit_level,
        unit_id,
        split,
        segment,
        touchpoint_id,
        channel
    from invitations_by_cell
)

select
    {{ voc.hash_key([
        'cells.period_grain', 'cells.period_start', 'cells.unit_level', 'cells.unit_id',
        'cells.split', 'cells.segment', 'cells.touchpoint_id', 'cells.channel'
    ]) }} as cell_key,
    cells.period_grain,
    cells.period_start,
    cells.unit_level,
    cells.unit_id,
    answered.parent_unit_id,
    cells.split,
    cells.segment,
    cells.touchpoint_id,
    cells.channel,
    {%- for count in counts %}
        coalesce(answered.{{ count }}, 0) as {{ count }},
    {%- endfor %}
    case
        when cells.unit_level = 'all' and cells.split <> 'touchpoint'
            then coalesce(invited.invitations_delivered, 0)
    end as invitations_delivered,
    case
        when cells.unit_level = 'all' and cells.split <> 'touchpoint'
            then coalesce(invited.invitations_completed, 0)
    end as invitations_completed
from cell_keys as cells
left join answers_by_cell as answered
    on
        cells.period_grain = answered.period_grain
        and cells.period_start = answered.period_start
        and cells.unit_level = answered.unit_level
        and cells.unit_id = answered.unit_id
        and cells.split = answered.split
        and cells.segment = answered.segment
        and cells.touchpoint_id = answered.touchpoint_id
        and cells.channel = answered.channel
left join invitations_by_cell as invited
    on
        cells.period_grain = invited.period_grain
        and cells.period_start = invited.period_start
        and cells.unit_level = invited.unit_level
        and cells.unit_id = invited.unit_id
        and cells.split = invited.split
        and cells.segment = invited.segment
        and cells.touchpoint_id = invited.touchpoint_id
        and cells.channel = invited.channel
