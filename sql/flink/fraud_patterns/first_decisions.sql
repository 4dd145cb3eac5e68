-- What the patterns look at, `matched`: what an alert tells of each transaction that matched, and `used`: a terminal's use.
-- What was decided without a token is of no card that could be known again.
create temporary view first_decisions as
select
    card_token,
    event_time,
    amount_usd_minor,
    country,
    channel,
    outcome,
    terminal_id,
    json_object($matched) as matched,
    json_object($used) as used
from known
where not repeated and degraded is null
