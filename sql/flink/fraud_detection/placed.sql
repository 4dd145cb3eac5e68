-- What is shared by customers sends a card's transactions different ways. Their places in the card's order bring them back.
create temporary view placed as
select $carried, place, profile as card_profile
from numbered(
    r => table profiled partition by card_bucket,
    uid => 'placed'
)
