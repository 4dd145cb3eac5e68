-- A card's uses in the order of their arrival, which is that of Kafka's partition.
create temporary view uses as
select *, proctime() as arrived_at
from decided
