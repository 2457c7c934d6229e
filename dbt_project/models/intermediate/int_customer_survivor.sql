{#-
    Merges are followed by doubling: where an id leads after one merge, after two, after four, …
    An id that leads nowhere leads to itself. In a ring (A into B, B into C, C into A) no id is the
    last: the lowest of the ring is taken, which the second walk, begun inside of it, has passed.
-#}
with links as (
    select
        system || '|' || other_id as node,
        '|' || customer_id as leads_to,
        valid_from,
        valid_to
    from {{ ref('fct_customer_link') }}
    where effect = 'joins'
),

nodes as (
    select node from links
    union
    select leads_to as node from links
),

days as (
    select
        node,
        {{ first_day() }} as day
    from nodes
    union
    select
        node,
        {{ last_day() }} as day
    from nodes
    union
    select
        node,
        valid_from as day
    from links
    union
    select
        node,
        valid_to as day
    from links
),

spans as (
    select
        node,
        day as valid_from,
        lead(day) over (partition by node order by day asc nulls last) as valid_to
    from days
),

walked_0 as (
    select
        spans.node,
        coalesce(links.leads_to, spans.node) as reached,
        least(spans.node, coalesce(links.leads_to, spans.node)) as lowest,
        spans.valid_from,
        spans.valid_to
    from spans
    left join links
        on
            spans.node = links.node
            and spans.valid_from >= links.valid_from
            and spans.valid_to <= links.valid_to
    where spans.valid_to is not null
),

{%- for step in range(merge_rounds() + 1) %}

    walked_{{ step + 1 }} as (
        select
            near.node,
            far.reached,
            {%- if loop.last %}
                min(far.lowest) as lowest,
            {%- else %}
                min(least(near.lowest, far.lowest)) as lowest,
            {%- endif %}
            greatest(near.valid_from, far.valid_from) as valid_from,
            least(near.valid_to, far.valid_to) as valid_to
        from walked_{{ step }} as near
        inner join walked_{{ step }} as far
            on
                near.reached = far.node
                and near.valid_from < far.valid_to
                and near.valid_to > far.valid_from
        group by
            near.node,
            far.reached,
            greatest(near.valid_from, far.valid_from),
            least(near.valid_to, far.valid_to)
    ),
{%- endfor %}

known as (
    select distinct customer_id
    from {{ ref('dim_customer') }}
)

select distinct
    split_part(walked.node, '|', 1) as system,
    substr(walked.node, length(split_part(walked.node, '|', 1)) + 2) as identifier_value,
    known.customer_id as survivor_id,
    walked.valid_from,
    walked.valid_to
from walked_{{ merge_rounds() + 1 }} as walked
left join known
    on walked.lowest = '|' || known.customer_id
