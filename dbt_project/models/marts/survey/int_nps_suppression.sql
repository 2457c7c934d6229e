{{ config(schema='intermediate', contract={'enforced': false}) }}

-- One idea: which cells are not shown, and why. Cells of fewer than 5 responses are hidden; where
-- that leaves exactly one member of an equation hidden, the smallest part that is still shown is
-- hidden with it. Hiding a cell can leave it alone in another equation, hence several passes; a
-- test on this model fails when they were not enough.
{%- set passes = 10 %}
with members_0 as (
    select
        *,
        responses < {{ voc.nps_smallest_shown() }} as is_hidden
    from {{ ref('int_nps_equation') }}
    -- where every member is small, all are hidden already
    qualify max(responses) over (partition by equation_key) >= {{ voc.nps_smallest_shown() }}
),
{%- for number in range(1, passes + 1) %}

    marked_{{ number }} as (
        select
            *,
            sum(case when is_hidden then 1 else 0 end) over (partition by equation_key)
                as hidden_members,
            row_number() over (
                partition by equation_key, is_hidden
                order by is_total asc nulls last, responses asc nulls last, cell_key asc nulls last
            ) as place
        from members_{{ number - 1 }}
    ),

    members_{{ number }} as (
        select
            equation_key,
            kind,
            cell_key,
            is_total,
            responses,
            bool_or(is_hidden or (hidden_members = 1 and place = 1)) over (partition by cell_key)
                as is_hidden
        from marked_{{ number }}
    ),
{%- endfor %}

hidden as (
    select distinct cell_key
    from members_{{ passes }}
    where is_hidden
)

select
    cells.cell_key,
    case
        when cells.responses < {{ voc.nps_smallest_shown() }} then 'fewer_than_5'
        when hidden.cell_key is not null then 'complementary'
    end as suppressed_reason
from {{ ref('int_nps_cell') }} as cells
left join hidden
    on cells.cell_key = hidden.cell_key
