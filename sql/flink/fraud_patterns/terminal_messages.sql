-- Each use at a terminal goes into a topic by terminal, which fixes for every reader in which order they came.
create temporary view terminal_messages as
select
    cast($terminal_uses as string) as topic,
    coalesce(cast(terminal_id as bytes), x'') as `key`,
    coalesce(cast(used as bytes), x'') as `value`
from decided
where channel in ('pos', 'atm')
