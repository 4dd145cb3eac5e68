create temporary view profiled as
select *
from history(
    r => table seen partition by card_bucket,
    facts => descriptor(gated),
    earlier => descriptor(earlier),
    uid => 'profiled'
)
