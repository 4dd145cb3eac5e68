-- Of a decision, what the step that opens it takes.
create temporary view arrived as
select `value`, `partition`, `offset`
from decisions
