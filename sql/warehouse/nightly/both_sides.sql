-- The entries of a day's books, and the latest known decision on each transaction that has one there or happened on the
-- day: a row for each, those of a transaction together, its decision first. Text is ordered by its bytes.
with entries as (
    select * from incoming_ledger
),

booked as (
    select distinct
        customer_id,
        transaction_id
    from entries
),

decisions as (
    select
        decided.customer_id,
        decided.transaction_id,
        decided.outcome,
        decided.event_date,
        decided.amount_minor,
        decided.currency
    from fct_transactions as decided
    left join booked
        on booked.customer_id = decided.customer_id and booked.transaction_id = decided.transaction_id
    where
        decided.superseded_at is null
        and (decided.event_date = $day or booked.transaction_id is not null)
),

sides as (
    select * from decisions
    union all by name
    select
        coalesce(customer_id, '') as customer_id,
        coalesce(transaction_id, '') as transaction_id,
        entry_id,
        account,
        side,
        amount_minor,
        currency,
        epoch_ms(booked_at) as booked_ms
    from entries
)

select
    customer_id,
    transaction_id,
    outcome,
    event_date,
    entry_id,
    account,
    side,
    amount_minor,
    currency,
    booked_ms
from sides
order by customer_id, transaction_id, outcome nulls last, entry_id
