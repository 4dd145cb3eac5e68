insert into outputs
select cast(part(decided, $topic) as string), part(decided, $key), part(decided, $record)
from decided
