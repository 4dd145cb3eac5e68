-- Two uses in turn of a card that was there; how long the journey takes at the least is looked up for those alone. A use
-- that a rule doubts does not tell where the owner is: the way back from it is no journey.
-- The kernel keeps each card's latest use, in a tenth of the room that an open attempt would take for nearly every card.
create temporary view impossible_travel as
with present as (
    select
        *,
        cast(country || if(outcome = 'approve', '+', '-') || matched as bytes) as kept
    from decided
    where channel in ('pos', 'atm')
),
journeys as (
    select
        *,
        substring(before from 3 for 1) as trusted,
        substring(before from 4) as matched_before,
        proctime() as arrived_at
    from (
        select *, cast(previous as string) as before
        from previous(
            r => table present partition by card_token,
            whose => descriptor(card_token),
            kept => descriptor(kept),
            uid => 'impossible_travel_previous'
        )
    )
    where country <> substring(before from 1 for 2)
)
select *
from journeys
match_recognize (
    partition by card_token
    order by arrived_at
    measures listagg(matched_before || ',' || matched) as transactions
    one row per match
    after match skip past last row
    pattern (THERE) within interval '1' day
    define
        THERE as trusted = '+'
)
