-- Number 1 of the profile counts the card's last 10 s.
create temporary view judged as
select
    cast(part(prepared, $token) as string) as token,
    cast(part(prepared, $transaction_id) as string) as transaction_id,
    case when number_at(part(prepared, $facts), $amount_usd_minor) > 80000 then 'high_value' end as high_value,
    case when number_at(profile, 1) > 3 then 'card_velocity' end as card_velocity
from profiled
