-- The published books' entries, with the names and columns that the marts stand on.
with entries as (
    select * from {{ source('lake', 'ledger_entries') }}
),

final as (
    select
        run_id,
        booking_date,
        entry_id,
        customer_id,
        transaction_id,
        account,
        side,
        amount_minor,
        currency,
        recorded_at
    from entries
)

select * from final
