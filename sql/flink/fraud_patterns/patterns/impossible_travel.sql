-- Two uses in turn of a card that was there; how long the journey takes at the least is looked up for those alone. A use
-- that a rule doubts does not tell where the owner is: the way back from it is no journey.
-- Each card's latest use is kept by lag, in a tenth of the room that an open attempt would take for nearly every card.
create temporary view impossible_travel as
select *
from (
    select *
    from (
        select
            *,
            lag(country) over latest as country_before,
            lag(event_time) over latest as time_before,
            lag(outcome) over latest as outcome_before,
            lag(matched) over latest as matched_before
        from uses
        where channel in ('pos', 'atm')
        window latest as (partition by card_token order by arrived_at)
    )
    where country <> country_before
)
match_recognize (
    partition by card_token
    order by arrived_at
    measures listagg(matched_before || ',' || matched) as transactions
    one row per match
    after match skip past last row
    pattern (THERE) within interval '1' day
    define
        THERE as outcome_before = 'approve'
            and event_time between time_before - $within and time_before + $within
)
