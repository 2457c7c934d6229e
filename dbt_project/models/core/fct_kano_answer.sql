select
    {{ hash_key(['survey_id', 'response_id']) }} as response_key,
    survey_id,
    response_id,
    feature,
    functional_raw,
    {{ kano_code('functional_number') | indent(4) }} as functional_code,
    dysfunctional_raw,
    {{ kano_code('dysfunctional_number') | indent(4) }} as dysfunctional_code,
    submitted_at,
    {{ business_date('submitted_at') }} as submitted_date,
    {{ lineage() | indent(4) }}
from {{ ref('stg_kano_answer') }}
