-- What one pattern has found, as the step that words its alerts takes it; never null, so that all patterns have one type.
create temporary view ${pattern}_matches as
select
    cast('$pattern' as bytes) as found,
    coalesce(cast(transactions as bytes), x'') as transactions
from $pattern
