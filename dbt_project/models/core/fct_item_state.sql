select
    item_entity,
    item_id,
    state,
    reason,
    seen_at,
    {{ business_date('seen_at') }} as seen_date,
    disposition = 'current' as is_current,
    {{ lineage() | indent(4) }}
from {{ ref('stg_item_state') }}
