-- Uses of cards that were not at the terminal within that time. They may come out of order, so what is as long before the
-- first to arrive counts as well, and the check looks whether all lie within that time of each other.
create temporary view terminal_attack as
with told as (
    select
        *,
        cast(cast(event_time as string) as bytes) as kept
    from used
),
newcomers as (
    select
        *,
        proctime() as arrived_at
    from (
        select *, cast(cast(previous as string) as timestamp_ltz(3)) as before
        from previous(
            r => table told partition by terminal_id,
            whose => descriptor(card_token),
            kept => descriptor(kept),
            uid => 'terminal_attack_previous'
        )
    )
    where before is null or event_time not between before - $within and before + $within
)
select *
from newcomers
match_recognize (
    partition by terminal_id
    order by arrived_at
    measures listagg(matched) as transactions
    one row per match
    after match skip past last row
    pattern (FIRST_CARD MORE_CARDS*? LAST_CARD) within interval '1' day
    define
        MORE_CARDS as count(MORE_CARDS.matched) < $least
            and event_time between FIRST_CARD.event_time - $within and FIRST_CARD.event_time + $within,
        LAST_CARD as count(matched) >= $least
            and event_time between FIRST_CARD.event_time - $within and FIRST_CARD.event_time + $within
)
