with read_texts as (
    select
        model_version,
        language,
        count(distinct text_hash) as texts_scored,
        {{ utc('min(scored_at)') }} as first_scored_at,
        {{ utc('max(scored_at)') }} as last_scored_at
    from {{ source('text', 'scores') }}
    group by model_version, language
),

cards as (
    select
        model_version,
        language,
        max(made_from) as made_from,
        max(learned_from) as learned_from,
        max(learned_to) as learned_to,
        max(texts) as texts_learned,
        max(auc) as auc,
        max(accuracy) as accuracy,
        max(brier) as brier,
        max(left_out_auc) as left_out_auc
    from {{ source('text', 'cards') }}
    group by model_version, language
),

named as (
    select
        language,
        version as model_version
    from {{ ref('stg_text_version') }}
    where kind = 'sentiment'
),

wanted as (
    select distinct
        language,
        wanted as model_version
    from {{ ref('stg_text_version') }}
    where kind = 'sentiment'
),

known as (
    select
        model_version,
        language
    from read_texts
    union
    select
        model_version,
        language
    from cards
    union
    select
        model_version,
        language
    from named
    union
    select
        model_version,
        language
    from wanted
)

select
    known.model_version,
    known.language,
    named.model_version is not null as is_named,
    wanted.model_version is not null as is_promoted,
    coalesce(read_texts.texts_scored, 0) as texts_scored,
    read_texts.first_scored_at,
    read_texts.last_scored_at,
    cards.made_from,
    cards.learned_from,
    cards.learned_to,
    cards.texts_learned,
    cards.auc,
    cards.accuracy,
    cards.brier,
    cards.left_out_auc
from known
left join read_texts
    on known.model_version = read_texts.model_version and known.language = read_texts.language
left join cards
    on known.model_version = cards.model_version and known.language = cards.language
left join named
    on known.model_version = named.model_version and known.language = named.language
left join wanted
    on known.model_version = wanted.model_version and known.language = wanted.language
