-- By the bucket of another entity than the card.
create temporary view $view as
select number_at(part(gated, $facts), $bucket) as bucket, $carried
from $before
