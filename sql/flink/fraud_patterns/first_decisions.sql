-- What the patterns look at, and `matched`: what an alert tells of each transaction that matched.
create temporary view first_decisions as
select
    card_token,
    event_time,
    amount_usd_minor,
    country,
    channel,
    outcome,
    json_object($matched) as matched
from known
where not repeated
