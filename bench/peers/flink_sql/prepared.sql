create temporary view prepared as
select
    p.card_bucket as card_bucket,
    p.facts as facts,
    p.card_token as card_token,
    p.transaction_id as transaction_id,
    cast(null as bytes) as earlier
from (select tokenise(`value`) as p from transactions)
