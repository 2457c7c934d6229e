select
    {{ hash_key(['experiment_id', 'arm']) }} as experiment_arm_key,
    experiment_id,
    arm,
    name,
    metric,
    is_control,
    planned_share,
    started_on,
    ended_on,
    vanished_on,
    {{ lineage() | indent(4) }}
from {{ ref('stg_experiments') }}
