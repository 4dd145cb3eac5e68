-- Repeats and conflicts are found for each customer: Kafka keeps one customer's messages in order, and only so is it
-- certain, in every replay, which of two came first.
create temporary view seen as
select *
from first_seen(
    r => table valid partition by customer_id,
    id => descriptor(transaction_id),
    body => descriptor(body),
    log_partition => descriptor(source_partition),
    log_offset => descriptor(source_offset),
    uid => 'first_seen'
)
