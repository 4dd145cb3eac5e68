-- The messages are what the gate has made of the transactions; see udfs/gated_again.py.
create temporary view gated as
select `value` as gated
from transactions
