-- Two uses in turn of a card that was there; how long the journey takes at the least is looked up for those alone. A use
-- that a rule doubts does not tell where the owner is: the way back from it is no journey.
create temporary view impossible_travel as
select *
from (select * from uses where channel in ('pos', 'atm'))
match_recognize (
    partition by card_token
    order by arrived_at
    measures listagg(matched) as transactions
    one row per match
    after match skip to last THERE
    pattern (HERE THERE) within interval '1' day
    define
        HERE as outcome = 'approve',
        THERE as country <> HERE.country
            and event_time between HERE.event_time - $within and HERE.event_time + $within
)
