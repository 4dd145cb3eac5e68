-- Messages of references that break their contract.
create temporary view refused as
select
    cast($quarantine as string) as topic,
    cast(null as bytes) as `key`,
    counted('quarantined', 'reason', json_value(decode(part(referenced, $problem), 'UTF-8'), '$$.reason'), part(referenced, $problem)) as `value`
from referenced
where part(referenced, $problem) is not null
