with said as (
    select
        'survey_comment' as kind,
        source,
        response_key as ref_id,
        customer_id,
        customer_id as author,
        unit_id,
        channel,
        submitted_at as said_at,
        submitted_date as said_date,
        comment as text,
        cast(null as double) as rating,
        cast(null as double) as rating_of_five,
        score,
        language,
        record_key,
        version_hash,
        record_dt,
        archive_file,
        archive_offset
    from {{ ref('fct_survey_response') }}
    where response_status not in ('preview', 'test', 'spam')

    union all

    select
        'review' as kind,
        source,
        review_id as ref_id,
        cast(null as string) as customer_id,
        author_hash as author,
        unit_id,
        channel,
        said_at,
        said_date,
        concat_ws(': ', title, nullif(concat_ws(' ', body, followup_body), '')) as text,
        rating,
        rating_of_five,
        cast(null as integer) as score,
        language,
        record_key,
        version_hash,
        record_dt,
        archive_file,
        archive_offset
    from {{ ref('fct_review') }}

    union all

    select
        case when origin = 'case' then 'case' else 'complaint' end as kind,
        source,
        case_key as ref_id,
        customer_id,
        customer_id as author,
        unit_id,
        channel,
        created_at as said_at,
        created_date as said_date,
        coalesce(text, title) as text,
        cast(null as double) as rating,
        cast(null as double) as rating_of_five,
        cast(null as integer) as score,
        cast(null as string) as language,
        record_key,
        version_hash,
        record_dt,
        archive_file,
        archive_offset
    from {{ ref('fct_complaint') }}
)

select
    {{ hash_key(['kind', 'source', 'ref_id']) }} as feedback_key,
    md5(text) as text_hash,
    *
from said
where {{ tidy('text') }} is not null
