-- An alert's id follows from what matched, so readers can drop a repeat. Never null, as the messages beside them.
create temporary view alert_messages as
select
    cast($alerts as string) as topic,
    coalesce(part(alerted, $key), x'') as `key`,
    coalesce(part(alerted, $alert), x'') as `value`
from alerted
where part(alerted, $alert) is not null
