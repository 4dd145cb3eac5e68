-- A day's entries, with the fields of contracts/ledger_entries.yaml in its order.
select
    entry_id,
    customer_id,
    transaction_id,
    account,
    side,
    amount_minor,
    currency,
    booked_at
from ledger_entries
where booking_date = %(day)s
