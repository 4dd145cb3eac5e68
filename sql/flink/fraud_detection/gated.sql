-- One call into Python for parse, validation and token together: either `problem` is set, or the transaction is.
-- All that follows needs is inside `g`, so that both of its readers share one call.
create temporary view gated as
select gate(`value`, source_partition, source_offset, ingested_at) as g
from transactions
