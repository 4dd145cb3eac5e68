-- In the packed records, the amount is number 5 of the facts; number 1 of the profile counts the card's last 10 s.
create temporary view judged as
select
    names,
    case when number_at(facts, 5) > 80000 then 'high_value' end as high_value,
    case when number_at(profile, 1) > 3 then 'card_velocity' end as card_velocity
from profiled
