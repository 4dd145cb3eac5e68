-- What one pattern has found, as the step that words its alerts takes it.
create temporary view ${pattern}_matches as
select
    cast('$pattern' as bytes) as found,
    cast(transactions as bytes) as transactions
from $pattern
