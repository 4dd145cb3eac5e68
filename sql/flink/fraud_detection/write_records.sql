insert into outputs
select
    cast(part(decided, $topic) as string),
    part(decided, $key),
    case cast(part(decided, $topic) as string)
        when $quarantine then counted('quarantined', 'reason', 'conflict', part(decided, $record))
        else part(decided, $record)
    end
from decided
