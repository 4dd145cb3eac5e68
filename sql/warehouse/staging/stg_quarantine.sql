-- Records that were held back, as loaded, with the names and columns that the marts stand on.
with quarantine as (
    select * from {{ source('lake', 'lake_quarantine') }}
),

final as (
    select
        quarantine_id,
        step,
        reason,
        field,
        source_topic,
        source_partition,
        source_offset,
        transaction_id,
        customer_id,
        amount_minor,
        currency,
        ingested_at,
        recorded_at
    from quarantine
)

select * from final
