create temporary view decided as
select
    card_token,
    decide(
        body, features, status, event_ms, amount_usd_minor, source_partition, source_offset,
        first_partition, first_offset, ingested_ms, gated_ms, profiled_ms
    ) as d
from profiled
