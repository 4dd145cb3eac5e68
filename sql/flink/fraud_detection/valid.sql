-- What has a token goes on: neither what was refused nor what the gate has decided on alone.
-- Kafka keeps one customer's messages in order, and only so is it certain, in every replay, which of two came first.
-- So repeats are looked for within a customer. Buckets of customers, and of cards, share a state.
create temporary view valid as
select
    number_at(part(gated, $facts), $customer_bucket) as customer_bucket,
    number_at(part(gated, $facts), $card_bucket) as card_bucket,
    gated
from gated
where part(gated, $card_token) is not null
