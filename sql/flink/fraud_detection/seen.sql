create temporary view seen as
select *
from first_seen(
    r => table valid partition by customer_bucket,
    id => descriptor(customer_id, transaction_id),
    body => descriptor(body),
    log_partition => descriptor(source_partition),
    log_offset => descriptor(source_offset),
    log_ms => descriptor(ingested_ms),
    uid => 'first_seen'
)
