-- Each transfer goes into a topic by customer, where the customer's events go, too; that fixes in which order they came.
create temporary view transfer_messages as
select
    cast($customer_activity as string) as topic,
    coalesce(cast(customer_id as bytes), x'') as `key`,
    coalesce(cast(matched as bytes), x'') as `value`
from decided
where channel = 'transfer'
