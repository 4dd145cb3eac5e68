-- Topics are written at least once. A repeat would look like one more use of the card, so it has to go before any match.
create temporary view known as
select *
from repeated(
    r => table decisions partition by card_token,
    log => descriptor(source_partition),
    place => descriptor(source_offset),
    uid => 'known'
)
