create temporary view unordered as
select card_bucket, place, packed($columns) as record
from $before
