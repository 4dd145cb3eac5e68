create temporary view undecided as
select gated, earlier, profile
from profiled
