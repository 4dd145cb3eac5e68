-- Versions of episodes, and quarantine records of what is no alert.
insert into outputs
select topic, `key`, `value`
from changes
