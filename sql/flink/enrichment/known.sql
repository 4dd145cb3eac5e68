-- Decisions are written at least once. A repeat goes here, so that as a rule each is enriched once.
create temporary view known as
select *
from repeated(
    r => table placed partition by card_token,
    log => descriptor(source_partition),
    place => descriptor(source_offset),
    uid => 'known'
)
