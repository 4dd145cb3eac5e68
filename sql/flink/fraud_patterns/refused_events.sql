-- Messages about customers that break their contract.
create temporary view refused_events as
select
    cast($quarantine as string) as topic,
    coalesce(part(events, $customer_id), x'') as `key`,
    coalesce(
        counted('quarantined', 'reason', json_value(decode(part(events, $problem), 'UTF-8'), '$$.reason'), part(events, $problem)),
        x''
    ) as `value`
from events
where part(events, $problem) is not null
