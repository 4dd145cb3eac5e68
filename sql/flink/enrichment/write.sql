insert into outputs
select topic, `key`, `value`
from outgoing
