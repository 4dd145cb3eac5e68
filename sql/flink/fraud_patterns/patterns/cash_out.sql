-- Each withdrawal in turn is larger than the one before, until they come to the limit.
create temporary view cash_out as
select *
from (select * from uses where channel = 'atm')
match_recognize (
    partition by card_token
    order by arrived_at
    measures listagg(matched) as transactions
    one row per match
    after match skip past last row
    pattern (FIRST_CASH MORE_CASH+? LAST_CASH) within interval '1' day
    define
        MORE_CASH as amount_usd_minor > coalesce(last(MORE_CASH.amount_usd_minor, 1), FIRST_CASH.amount_usd_minor)
            and event_time <= FIRST_CASH.event_time + $within
            and count(MORE_CASH.matched) <= $between,
        LAST_CASH as amount_usd_minor > last(MORE_CASH.amount_usd_minor)
            and event_time <= FIRST_CASH.event_time + $within
            and sum(amount_usd_minor) >= $together
)
