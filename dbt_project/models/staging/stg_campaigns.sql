with records as (
    {{ current_records('campaigns') | indent(4) }}
)

select
    {{ tidy('campaign_id') }} as campaign_id,
    {{ tidy('name') }} as name,
    {{ tidy('kind') }} as kind,
    {{ tidy('survey_id') }} as survey_id,
    {{ tidy('unit_id') }} as unit_id,
    {{ code_word('channel') }} as channel,
    {{ tidy('incentive') }} as incentive,
    started_on,
    ended_on,
    {{ lake_lineage() | indent(4) }}
from records
