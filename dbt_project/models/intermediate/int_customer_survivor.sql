{#-
    Merges are followed by doubling: where an id leads after one merge, after two, after four, …
    An id that leads nowhere leads to itself, and is an end. In a ring (A into B, B into C, C into A)
    there is no end: the lowest of the ring is taken, which the last walk, begun inside of it, has
    passed. That it was a ring shows in the lowest: begun there, the last walk passes it again. What
    is neither is a chain too long to be followed; it leads to nobody, and a check warns.
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
        case when links.node is null then 1 else 0 end as is_end,
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
            max(far.is_end) as is_end,
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

rings as (
    select
        walked.node,
        walked.lowest,
        max(case
            when again.lowest = walked.lowest and again.is_end = 0 then 1
            else 0
        end) as is_ring,
        greatest(walked.valid_from, again.valid_from) as valid_from,
        least(walked.valid_to, again.valid_to) as valid_to
    from walked_{{ merge_rounds() + 1 }} as walked
    inner join walked_{{ merge_rounds() + 1 }} as again
        on
            walked.lowest = again.node
            and walked.valid_from < again.valid_to
            and walked.valid_to > again.valid_from
    where walked.is_end = 0
    group by
        walked.node,
        walked.lowest,
        greatest(walked.valid_from, again.valid_from),
        least(walked.valid_to, again.valid_to)
),

ends as (
    select
        node,
        reached,
        valid_from,
        valid_to
    from walked_{{ merge_rounds() + 1 }}
    where is_end = 1
    union
    select
        node,
        case when is_ring = 1 then lowest end as reached,
        valid_from,
        valid_to
    from rings
),

known as (
    select distinct customer_id
    from {{ ref('dim_customer') }}
)

select
    split_part(ends.node, '|', 1) as system,
    substr(ends.node, length(split_part(ends.node, '|', 1)) + 2) as identifier_value,
    known.customer_id as survivor_id,
    ends.reached is not null as is_followed,
    ends.valid_from,
    ends.valid_to
from ends
left join known
    on ends.reached = '|' || known.customer_id
