with summaries as (
    select
        summaries.*,
        {{ platform_channel('summaries', "'unknown'") }} as channel
    from {{ ref('stg_rating_summary') }} as summaries
    {{ join_platform_channel('summaries') | indent(4) }}
)

select
    summaries.subject_id,
    summaries.subject_name,
    summaries.platform,
    coalesce(channels.channel, 'unknown') as channel,
    summaries.channel as channel_raw,
    coalesce(units.unit_id, 'unknown') as unit_id,
    summaries.unit_id as unit_id_raw,
    summaries.rating,
    summaries.rating_best,
    5e0 * summaries.rating / nullif(coalesce(summaries.rating_best, 5e0), 0e0) as rating_of_five,
    summaries.rating_text,
    summaries.rating_count,
    summaries.review_count,
    summaries.breakdown,
    summaries.disposition = 'current' as is_current,
    {{ lineage('summaries') | indent(4) }}
from summaries
left join {{ ref('dim_channel') }} as channels on summaries.channel = channels.channel
{{ join_unit('summaries', 'record_dt') }}
