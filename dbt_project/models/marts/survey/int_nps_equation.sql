{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: which cells add up to which. Published side by side, a total and its parts are an
-- equation; whoever knows all members but one knows that one too. One row per cell and equation
-- it stands in: as the total of it, or as a part. Cells without a response have nothing to hide.
with cells as (
    select
        cell_key,
        period_grain,
        period_start,
        unit_level,
        unit_id,
        parent_unit_id,
        split,
        segment,
        touchpoint_id,
        channel,
        responses
    from {{ ref('int_nps_cell') }}
    where responses > 0
),

-- Parts of one split of the same unit and period.
split_parts as (
    select
        'split' as kind,
        cell_key,
        false as is_total,
        responses,
        {{ voc.hash_key(["'split'", 'period_grain', 'period_start', 'unit_level', 'unit_id', 'split']) }}
            as equation_key
    from cells
    where split <> 'none'
),

split_totals as (
    select
        'split' as kind,
        cells.cell_key,
        true as is_total,
        cells.responses,
        {{ voc.hash_key([
            "'split'", 'cells.period_grain', 'cells.period_start', 'cells.unit_level',
            'cells.unit_id', 'splits.split'
        ]) }} as equation_key
    from cells
    cross join
        (values ('segment'), ('touchpoint'), ('channel')) as splits (split)
    where cells.split = 'none'
),

-- Stores of a region, regions of the whole, for the same split value and period.
unit_parts as (
    select
        'unit' as kind,
        cell_key,
        false as is_total,
        responses,
        {{ voc.hash_key([
            "'unit'", 'period_grain', 'period_start',
            "case unit_level when 'store' then 'region' else 'all' end", 'parent_unit_id',
            'split', 'segment', 'touchpoint_id', 'channel'
        ]) }} as equation_key
    from cells
    where unit_level <> 'all'
),

unit_totals as (
    select
        'unit' as kind,
        cell_key,
        true as is_total,
        responses,
        {{ voc.hash_key([
            "'unit'", 'period_grain', 'period_start', 'unit_level', 'unit_id',
            'split', 'segment', 'touchpoint_id', 'channel'
        ]) }} as equation_key
    from cells
    where unit_level <> 'store'
)

select * from split_parts
union all
select * from split_totals
union all
select * from unit_parts
union all
select * from unit_totals
