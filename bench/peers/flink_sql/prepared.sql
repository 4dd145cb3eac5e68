create temporary view prepared as
select
    number_at(part(tokenised, $facts), $card_bucket) as card_bucket,
    tokenised as prepared,
    cast(null as bytes) as earlier
from tokenised
