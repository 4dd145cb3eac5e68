-- Kafka keeps one customer's messages in order, and only so is it certain, in every replay, which of two came first.
-- So repeats are looked for within a customer. Buckets of customers, and of cards, share a state.
create temporary view valid as
select
    g.customer_bucket as customer_bucket,
    g.card_bucket as card_bucket,
    g.customer_id as customer_id,
    g.transaction_id as transaction_id,
    g.card_token as card_token,
    g.event_ms as event_ms,
    g.amount_usd_minor as amount_usd_minor,
    g.merchant_id as merchant_id,
    g.country as country,
    g.terminal_id as terminal_id,
    g.body as body,
    g.source_partition as source_partition,
    g.source_offset as source_offset,
    g.ingested_ms as ingested_ms,
    g.gated_ms as gated_ms
from gated
where g.problem is null
