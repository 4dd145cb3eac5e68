-- Of a message of a reference, what the step that checks it takes.
create temporary view told as
select cast(topic as bytes) as topic, `key`, `value`, `partition`, `offset`, appended_at
from `references`
