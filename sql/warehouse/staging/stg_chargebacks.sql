-- Chargebacks as partners' files told of them, with the names and columns that the marts stand on.
with chargebacks as (
    select * from {{ source('lake', 'chargebacks') }}
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
        note,
        file_id,
        recorded_at
    from chargebacks
)

select * from final
