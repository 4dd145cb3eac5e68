-- Each transfer goes into a topic by customer, where the customer's events go, too; that fixes in which order they came.
-- The customer comes out of `matched`: a column more in `decided` would change the rows that patterns have in their state.
create temporary view transfer_messages as
select
    cast($customer_activity as string) as topic,
    coalesce(cast(json_value(matched, '$$.customer_id') as bytes), x'') as `key`,
    coalesce(cast(matched as bytes), x'') as `value`
from decided
where channel = 'transfer'
