-- Where a decision's transaction stands in the raw topic, for the dedup; a card's decisions come in that order.
create temporary view placed as
select
    part(opened, $card_token) as card_token,
    number_at(part(opened, $facts), $source_partition) as source_partition,
    number_at(part(opened, $facts), $source_offset) as source_offset,
    opened
from opened
