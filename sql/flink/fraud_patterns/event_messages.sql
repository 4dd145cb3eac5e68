-- Each event goes into a topic by customer, where the customer's transfers go, too; that fixes in which order they came.
create temporary view event_messages as
select
    cast($customer_activity as string) as topic,
    coalesce(part(events, $customer_id), x'') as `key`,
    coalesce(part(events, $event), x'') as `value`
from events
where part(events, $event) is not null
