-- What was known of each chargeback, with the span of recorded time, [recorded_at, superseded_at), in which it was the latest.
with chargebacks as (
    select * from {{ ref('stg_chargebacks') }}
),

final as (
    select
        feed,
        chargeback_id,
        customer_id,
        transaction_id,
        filed_at,
        stage,
        category,
        reason_code,
        currency,
        amount_minor,
        file_id,
        recorded_at,
        lead(recorded_at) over (partition by feed, chargeback_id order by recorded_at) as superseded_at
    from chargebacks
)

select * from final
