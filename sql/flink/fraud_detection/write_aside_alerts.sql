-- The alerts of decisions without history.
insert into outputs
select $alerts, part(part(gated, $aside), $key), part(part(gated, $aside), $alert)
from gated
where part(gated, $aside) is not null
    and part(part(gated, $aside), $alert) is not null
