create temporary view undecided as
select $columns
from $before
