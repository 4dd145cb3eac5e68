-- Each decision that was taken, also those that a later one took the place of, with how long it took.
with decisions as (
    select * from {{ ref('stg_decisions') }}
),

final as (
    select
        decision_id,
        customer_id,
        transaction_id,
        event_time,
        event_date,
        outcome,
        rules_version,
        degraded,
        detection_ms,
        ingested_at,
        source_partition,
        source_offset,
        recorded_at
    from decisions
)

select * from final
