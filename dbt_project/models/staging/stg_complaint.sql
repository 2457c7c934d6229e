{{ config(materialized='table') }}

with records as (
    {{ versions_of('complaint', "dispositions.disposition in ('current', 'superseded')") | indent(4) }}
)

select
    {{ tidy('complaint_id') }} as complaint_id,
    {{ code_word('platform') }} as platform,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('title') }} as title,
    {{ tidy('company') }} as company,
    {{ tidy('product') }} as product,
    {{ tidy('sub_product') }} as sub_product,
    {{ tidy('issue') }} as issue,
    {{ tidy('sub_issue') }} as sub_issue,
    {{ tidy('narrative') }} as narrative,
    {{ tidy('appeal') }} as appeal,
    cast(amount as double) as amount,
    {{ tidy('region') }} as region,
    {{ tidy('state') }} as state,
    {{ tidy('submitted_via') }} as submitted_via,
    {{ code_word('status') }} as status,
    {{ tidy('status_raw') }} as status_raw,
    {{ tidy('company_response') }} as company_response,
    {{ tidy('company_public_response') }} as company_public_response,
    {{ tidy('timely') }} as timely,
    {{ tidy('consumer_disputed') }} as consumer_disputed,
    {{ tidy('tags') }} as tags,
    cast(rating_attitude as double) as rating_attitude,
    cast(rating_process as double) as rating_process,
    cast(rating_satisfaction as double) as rating_satisfaction,
    {{ tidy('rating_comment') }} as rating_comment,
    {{ utc('received_at') }} as received_at,
    {{ utc('sent_to_company_at') }} as sent_to_company_at,
    {{ utc('replied_at') }} as replied_at,
    {{ utc('closed_at') }} as closed_at,
    {{ utc('updated_at') }} as updated_at,
    {{ lake_lineage() | indent(4) }},
    version_no,
    disposition
from records
