with records as (
    {{ current_records('invitations') | indent(4) }}
)

select
    {{ tidy('invitation_id') }} as invitation_id,
    {{ tidy('survey_id') }} as survey_id,
    {{ tidy('customer_id') }} as customer_id,
    {{ utc('sent_at') }} as sent_at,
    {{ code_word('channel') }} as channel,
    {{ utc('delivered_at') }} as delivered_at,
    {{ utc('opened_at') }} as opened_at,
    {{ utc('started_at') }} as started_at,
    {{ utc('completed_at') }} as completed_at,
    {{ tidy('incentive') }} as incentive,
    {{ lake_lineage() | indent(4) }}
from records
