-- Repeats and conflicts are found for each customer: Kafka keeps one customer's messages in order, and only so is it
-- certain, in every replay, which of two came first. State is kept by bucket of customers, since a bucket never goes
-- idle: ids then expire by the log's clock, with nothing left behind of a customer who is gone.
create temporary view seen as
select *
from first_seen(
    r => (select *, substring(md5(customer_id), 1, 3) as customer_bucket from valid) partition by customer_bucket,
    id => descriptor(customer_id, transaction_id),
    body => descriptor(body),
    log_partition => descriptor(source_partition),
    log_offset => descriptor(source_offset),
    log_ms => descriptor(ingested_ms),
    uid => 'first_seen'
)
