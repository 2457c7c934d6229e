-- One idea: NPS with its uncertainty, one row per cell. The counts, the change and what is hidden
-- come from the models before; here they become the published columns.
with cells as (
    select
        cells.*,
        suppression.suppressed_reason,
        suppression.suppressed_reason is null as is_shown,
        suppression.suppressed_reason is null
        and cells.clean_responses >= {{ voc.nps_smallest_shown() }} as is_clean_shown,
        {{ voc.rate('cells.invitations_completed', 'cells.invitations_delivered') }}
            as response_rate,
        {{ voc.nps_value('cells.promoters', 'cells.detractors', 'cells.responses') }} as nps,
        {{ voc.nps_adjusted_low('cells.promoters', 'cells.detractors', 'cells.responses') }}
            as nps_low,
        {{ voc.nps_adjusted_high('cells.promoters', 'cells.detractors', 'cells.responses') }}
            as nps_high,
        {{ voc.nps_value(
            'cells.clean_promoters', 'cells.clean_detractors', 'cells.clean_responses'
        ) }} as nps_clean
    from {{ ref('int_nps_cell') }} as cells
    inner join {{ ref('int_nps_suppression') }} as suppression
        on cells.cell_key = suppression.cell_key
)

select
    'nps' as metric,
    cells.unit_level,
    cells.unit_id,
    cells.segment,
    cells.touchpoint_id,
    cells.channel,
    cells.period_grain,
    cells.period_start,
    {{ voc.period_end('cells.period_grain', 'cells.period_start') }} as period_end,
    cells.responses,
    case when cells.is_shown then cells.promoters end as promoters,
    case when cells.is_shown then cells.passives end as passives,
    case when cells.is_shown then cells.detractors end as detractors,
    cells.no_score,
    cells.invalid_score,
    case when cells.is_shown then {{ voc.points('cells.nps') }} end as nps,
    case when cells.is_shown then {{ voc.points('cells.nps_low') }} end as nps_low,
    case when cells.is_shown then {{ voc.points('cells.nps_high') }} end as nps_high,
    case when cells.is_shown then cells.clean_responses end as clean_responses,
    case when cells.is_clean_shown then cells.clean_promoters end as clean_promoters,
    case when cells.is_clean_shown then cells.clean_detractors end as clean_detractors,
    case when cells.is_clean_shown then {{ voc.points('cells.nps_clean') }} end as nps_clean,
    cells.invitations_delivered,
    cells.invitations_completed,
    cells.response_rate,
    case
        when cells.is_shown
            then {{ voc.points(voc.nps_bound_low('cells.nps', 'cells.response_rate')) }}
    end as nps_bound_low,
    case
        when cells.is_shown
            then {{ voc.points(voc.nps_bound_high('cells.nps', 'cells.response_rate')) }}
    end as nps_bound_high,
    changes.delta,
    changes.delta_low,
    changes.delta_high,
    changes.p_value,
    changes.q_value,
    cells.responses >= {{ voc.nps_smallest_shown() }}
    and cells.responses < {{ voc.nps_smallest_sound() }} as low_n,
    cells.suppressed_reason
from cells
left join {{ ref('int_nps_change') }} as changes
    on cells.cell_key = changes.cell_key
