insert into profiles
select gated
from $before
