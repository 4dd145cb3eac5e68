-- One call into Python for parse, validation and token together. All that follows needs is in one packed column, so that
-- both of its readers share one call.
create temporary view gated as
select gate(`value`, source_partition, source_offset, ingested_at) as gated
from transactions
