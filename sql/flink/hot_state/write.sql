-- Writing is a side effect of write_items, which gives back a record only for what can't be written.
-- The function is not deterministic, so Flink evaluates it once a row, below the filter.
insert into refused
select record
from (
    select write_items(topic, `partition`, `offset`, appended_at, content) as record
    from messages
)
where record is not null
