-- Decisions as loaded, with the names and columns that the marts stand on.
with decisions as (
    select * from {{ source('lake', 'lake_decisions') }}
),

final as (
    select
        decision_id,
        customer_id,
        transaction_id,
        card_token,
        merchant_id,
        event_time,
        event_date,
        currency,
        amount_minor,
        amount_usd_minor,
        outcome,
        rules_version,
        degraded,
        latency_ms.gate + latency_ms.history + latency_ms.decide as detection_ms,
        ingested_at,
        source_partition,
        source_offset,
        recorded_at
    from decisions
)

select * from final
