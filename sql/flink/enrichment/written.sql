create temporary view written as
select cast($enriched_decisions as string) as topic, part(enriched, $key) as `key`, part(enriched, $value) as `value`
from enriched
