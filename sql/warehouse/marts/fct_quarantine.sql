-- Each record that was held back, by whatever step, with what could be read of it.
with quarantine as (
    select * from {{ ref('stg_quarantine') }}
),

final as (
    select
        quarantine_id,
        step,
        reason,
        field,
        transaction_id,
        customer_id,
        amount_minor,
        coalesce(currency, 'unknown') as currency,
        source_topic,
        source_partition,
        source_offset,
        ingested_at,
        cast(ingested_at at time zone 'UTC' as date) as ingested_date,
        recorded_at
    from quarantine
)

select * from final
