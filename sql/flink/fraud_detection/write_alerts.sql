insert into outputs
select $alerts, part(decided, $key), part(decided, $alert)
from decided
where part(decided, $alert) is not null
