{{ config(materialized='table') }}

with records as (
    {{ versions_of('complaint', "dispositions.disposition in ('current', 'superseded')") | indent(4) }}
)

select
    {{ tidy('complaint_id') }} as complaint_id,
    {{ tidy('unit_id') }} as unit_id,
    {{ tidy('company') }} as company,
    {{ tidy('product') }} as product,
    {{ tidy('sub_product') }} as sub_product,
    {{ tidy('issue') }} as issue,
    {{ tidy('sub_issue') }} as sub_issue,
    {{ tidy('narrative') }} as narrative,
    {{ tidy('state') }} as state,
    {{ tidy('submitted_via') }} as submitted_via,
    {{ tidy('company_response') }} as company_response,
    {{ tidy('company_public_response') }} as company_public_response,
    {{ tidy('timely') }} as timely,
    {{ tidy('consumer_disputed') }} as consumer_disputed,
    {{ tidy('tags') }} as tags,
    {{ utc('received_at') }} as received_at,
    {{ utc('sent_to_company_at') }} as sent_to_company_at,
    {{ lake_lineage() | indent(4) }},
    version_no,
    disposition
from records
