-- What the core-banking system counted of each currency as it closed a day.
select
    currency,
    entries,
    debit_minor,
    credit_minor
from ledger_control_totals
where booking_date = %(day)s
order by currency
