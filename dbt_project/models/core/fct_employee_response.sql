with responses as (
    select
        response_id,
        touchpoint_id,
        employee_id,
        unit_id as unit_id_given,
        submitted_at,
        {{ business_date('submitted_at') }} as submitted_date,
        expected,
        actual,
        importance,
        comment,
        vanished_on,
        {{ lineage() | indent(8) }}
    from {{ ref('stg_employee_responses') }}
),

-- A response that names no unit speaks of the one where the employee worked on that day.
placed as (
    select
        responses.*,
        employees.employee_key,
        coalesce(responses.unit_id_given, employees.unit_id) as unit_id
    from responses
    {{ join_employee('responses', 'employee_id', 'submitted_date') | indent(4) }}
)

select
    placed.response_id,
    coalesce(touchpoints.touchpoint_id, 'unknown') as touchpoint_id,
    placed.touchpoint_id as touchpoint_id_raw,
    placed.employee_id,
    placed.employee_key,
    coalesce(units.unit_id, 'unknown') as unit_id,
    placed.unit_id as unit_id_raw,
    placed.submitted_at,
    placed.submitted_date,
    placed.expected,
    placed.actual,
    placed.importance,
    placed.comment,
    placed.vanished_on,
    {{ lineage('placed') | indent(4) }}
from placed
{{ join_touchpoint('placed') }}
{{ join_unit('placed', 'submitted_date') }}
