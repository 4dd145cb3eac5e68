create temporary view profiled as
select *
from history(
    r => table $before partition by card_bucket,
    facts => descriptor(gated),
    earlier => descriptor(earlier),
    uid => 'profiled'
)
