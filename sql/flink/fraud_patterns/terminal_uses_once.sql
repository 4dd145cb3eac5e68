-- What is written at least once comes again after a crash; a repeat would look like one more use of the terminal. Only uses of
-- one card are sure to come in the order of their decisions, so each card at a terminal counts as a log of its own.
create temporary view terminal_uses_once as
with placed as (
    select
        *,
        cast(hash_code(card_token) as bigint) * 65536 + decisions_partition as card_log
    from terminal_uses
)
select
    terminal_id,
    card_token,
    event_time,
    json_object($matched) as matched
from repeated(
    r => table placed partition by terminal_id,
    log => descriptor(card_log),
    place => descriptor(decisions_offset),
    uid => 'used_known'
)
where not repeated
