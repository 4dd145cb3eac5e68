create temporary view profiled as
select *
from history(
    r => table prepared partition by card_bucket,
    facts => descriptor(prepared),
    earlier => descriptor(earlier),
    uid => 'profiled'
)
