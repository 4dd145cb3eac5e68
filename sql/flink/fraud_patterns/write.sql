insert into alerts
select part(alerted, $key), part(alerted, $alert)
from alerted
where part(alerted, $alert) is not null
