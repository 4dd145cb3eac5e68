-- A card's uses in the order of their arrival, which is that of Kafka's partition.
create temporary view uses as
select
    card_token,
    event_time,
    amount_usd_minor,
    country,
    channel,
    outcome,
    matched,
    proctime() as arrived_at
from decided
