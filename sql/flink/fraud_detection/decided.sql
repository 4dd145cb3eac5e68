-- All rows pass the filter: without it, the planner would call `decide` again for each part that a sink takes.
create temporary view decided as
select decided
from (select decide(gated, earlier, profile) as decided from profiled)
where decided is not null
