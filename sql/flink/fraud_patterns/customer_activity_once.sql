-- An event that was sent twice would look like one more, and so would what is written again after a crash. What is known goes
-- by its own id, since a customer's events and transfers come from topics that have no order among each other.
create temporary view customer_activity_once as
with named as (
    select
        *,
        if(event_id is null, 'transfer ' || transaction_id, 'event ' || event_id) as activity_id,
        cast('' as bytes) as kept
    from customer_activity
)
select
    customer_id,
    kind,
    amount_usd_minor,
    if(event_id is null, json_object($matched), json_object($event absent on null)) as matched
from previous(
    r => table named partition by customer_id,
    whose => descriptor(activity_id),
    kept => descriptor(kept),
    uid => 'acted_known'
)
where previous is null
