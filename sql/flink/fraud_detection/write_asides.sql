-- What the gate writes by itself, in few rows: new cards for the token vault, and decisions without history.
insert into outputs
select cast(part(aside, $topic) as string), part(aside, $key), part(aside, $record)
from (
    select part(gated, $aside) as aside
    from gated
    where part(gated, $aside) is not null
)
