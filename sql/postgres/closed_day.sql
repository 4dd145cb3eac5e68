-- A row when the books of a day are closed.
select booking_date
from ledger_closed_days
where booking_date = %(day)s
