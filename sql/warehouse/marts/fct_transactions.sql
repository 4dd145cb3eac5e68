-- Each decision with the span of recorded time, [recorded_at, superseded_at), in which it was the latest known one for
-- its transaction. A transaction is decided again when it is replayed under later rules; then both answers stay.
with decisions as (
    select * from {{ ref('stg_decisions') }}
),

spans as (
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
        ingested_at,
        source_partition,
        source_offset,
        recorded_at,
        lead(recorded_at) over (
            partition by customer_id, transaction_id
            order by recorded_at, ingested_at, source_partition, source_offset, decision_id
        ) as superseded_at
    from decisions
),

final as (
    select * from spans
)

select * from final
