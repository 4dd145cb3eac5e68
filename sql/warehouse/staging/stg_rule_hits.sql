-- The rules that fired on each decision, one row each.
with decisions as (
    select * from {{ source('lake', 'lake_decisions') }}
),

hits as (
    select
        decision_id,
        unnest(reasons) as reason
    from decisions
),

final as (
    select
        decision_id,
        reason.rule as rule,
        reason.version as rule_version,
        reason.severity as severity
    from hits
)

select * from final
