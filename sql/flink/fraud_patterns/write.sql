-- Finished JSON, written at least once.
insert into outputs
select topic, `key`, `value`
from messages
