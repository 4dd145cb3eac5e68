create temporary view prepared as
select number_at(part(prepared, $facts), $card_bucket) as card_bucket, prepared, cast(null as bytes) as earlier
from (select tokenise(`value`) as prepared from transactions)
