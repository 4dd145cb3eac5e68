-- Each row once: topics are written at least once, and a repeat has the id of the first.
-- In processing time the first row goes on as it arrives, and only its id stays in state, until the state TTL.
insert into $sink
select
    $names,
    date_format($time, 'yyyy-MM-dd')
from (
    select
        *,
        row_number() over (partition by $key order by arrived_at) as appearance
    from $source
)
where appearance = 1
