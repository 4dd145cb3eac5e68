create temporary view ordered as
select ordered
from in_order(
    r => table unordered partition by card_bucket,
    place => descriptor(place),
    record => descriptor(record),
    uid => 'ordered'
)
