create temporary view $view as
select $carried, profile as $profile
from history(
    r => table $before partition by bucket,
    facts => descriptor(gated),
    earlier => descriptor(earlier),
    other => $entity,
    uid => $uid
)
