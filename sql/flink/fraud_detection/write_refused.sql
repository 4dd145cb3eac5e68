insert into outputs
select $quarantine, cast(null as bytes), part(gated, $problem)
from gated
where part(gated, $problem) is not null
