{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: how a cell's NPS moved against the period right before it, and how sure that is.
-- Only between two cells that are both shown: a change would give the hidden side away. The z test
-- uses the unadjusted counts (METRICS.md). Where neither period varies at all (everybody in the
-- same class) it has no standard error: an unchanged NPS then has p = 1, a changed one has no p.
with cells as (
    select
        cells.cell_key,
        cells.period_grain,
        cells.period_start,
        {{ voc.hash_key([
            'cells.period_grain', 'cells.unit_level', 'cells.unit_id',
            'cells.segment', 'cells.touchpoint_id', 'cells.channel'
        ]) }} as series_key,
        suppression.suppressed_reason is null as is_shown,
        {{ voc.nps_value('cells.promoters', 'cells.detractors', 'cells.responses') }} as nps,
        {{ voc.rate(
            voc.nps_variance('cells.promoters', 'cells.detractors', 'cells.responses'),
            'cells.responses'
        ) }} as squared_error
    from {{ ref('int_nps_cell') }} as cells
    inner join {{ ref('int_nps_suppression') }} as suppression
        on cells.cell_key = suppression.cell_key
),

pairs as (
    select
        later.cell_key,
        later.period_grain,
        later.period_start,
        later.nps - earlier.nps as delta,
        100e0 * sqrt(nullif(later.squared_error + earlier.squared_error, 0e0)) as standard_error
    from cells as later
    inner join cells as earlier
        on
            later.series_key = earlier.series_key
            and earlier.period_start = {{ voc.previous_period_start(
                'later.period_grain', 'later.period_start'
            ) }}
    where later.is_shown and earlier.is_shown
),

scored as (
    select
        *,
        case when standard_error is null and delta = 0e0 then 0e0 else delta / standard_error end
            as z
    from pairs
),

tested as (
    select
        *,
        {{ voc.clipped('delta - ' ~ voc.z_95() ~ ' * standard_error', '-200e0', '200e0') }}
            as delta_low,
        {{ voc.clipped('delta + ' ~ voc.z_95() ~ ' * standard_error', '-200e0', '200e0') }}
            as delta_high,
        {{ voc.two_sided_p('z') }} as p_value
    from scored
),

corrected as (
    {{ voc.with_q_values('tested', ['period_grain', 'period_start'], 'cell_key') | indent(4) }}
)

select
    cell_key,
    period_grain,
    period_start,
    {{ voc.points('delta') }} as delta,
    {{ voc.points('delta_low') }} as delta_low,
    {{ voc.points('delta_high') }} as delta_high,
    standard_error,
    z,
    p_value,
    q_value
from corrected
