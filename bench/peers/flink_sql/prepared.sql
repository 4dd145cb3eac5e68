create temporary view prepared as
select
    p.card_bucket as card_bucket,
    p.facts as facts,
    p.names as names,
    cast(null as bytes) as earlier
from (select tokenise(`value`) as p from transactions)
