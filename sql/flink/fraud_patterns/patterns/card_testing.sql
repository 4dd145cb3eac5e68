-- Flink holds a match back while an attempt that began before it is still open. So what is too late for the first ends the
-- attempt, as does one transaction too many in between, which also bounds what a card that never rests costs.
create temporary view card_testing as
select *
from uses
match_recognize (
    partition by card_token
    order by arrived_at
    measures listagg(matched) as transactions
    one row per match
    after match skip past last row
    pattern (TRIED OTHER*? SPENT) within interval '1' day
    define
        TRIED as amount_usd_minor <= $small,
        OTHER as count(OTHER.matched) <= $between
            and event_time <= TRIED.event_time + $within,
        SPENT as amount_usd_minor > $large
            and event_time <= TRIED.event_time + $within
            and sum(case when amount_usd_minor <= $small then 1 else 0 end) >= $least
)
