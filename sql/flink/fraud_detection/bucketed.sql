-- Kafka keeps one customer's messages in order, and only so is it certain, in every replay, which of two came first.
-- So repeats are looked for within a customer; buckets of customers share a state, for one state a customer costs more.
-- Cards share states likewise; a token ends in hex digits that spread evenly.
create temporary view bucketed as
select *, substring(md5(customer_id), 1, 3) as customer_bucket, right(card_token, 3) as card_bucket
from valid
