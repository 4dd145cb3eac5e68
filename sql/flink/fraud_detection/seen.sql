create temporary view seen as
select *
from first_seen(
    r => table valid partition by customer_bucket,
    facts => descriptor(gated),
    uid => 'seen'
)
