-- Kafka keeps one customer's messages in order, and only so is it certain, in every replay, which of two came first.
-- So repeats are looked for within a customer. Buckets of customers, and of cards, share a state.
-- Few columns, since each one costs at each exchange: `facts` is what the kernel reads, `body` the tokenised transaction.
create temporary view valid as
select
    g.customer_bucket as customer_bucket,
    g.card_bucket as card_bucket,
    g.card_token as card_token,
    g.facts as facts,
    g.body as body
from gated
where g.problem is null
