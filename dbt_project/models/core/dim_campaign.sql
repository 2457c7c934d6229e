select
    campaign_id,
    name,
    kind,
    survey_id,
    unit_id,
    channel,
    incentive,
    started_on,
    ended_on,
    vanished_on,
    {{ lineage() | indent(4) }}
from {{ ref('stg_campaigns') }}
