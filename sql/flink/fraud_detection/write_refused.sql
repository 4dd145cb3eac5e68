insert into outputs
select
    $quarantine,
    cast(null as bytes),
    counted('quarantined', 'reason', json_value(decode(part(gated, $problem), 'UTF-8'), '$$.reason'), part(gated, $problem))
from gated
where part(gated, $problem) is not null
