-- Kafka keeps one customer's messages in order, and only so is it certain, in every replay, which of two came first.
-- So repeats are looked for within a customer; buckets of customers share a state, for one state a customer costs more.
create temporary view bucketed as
select *, substring(md5(customer_id), 1, 3) as customer_bucket
from valid
