insert into profiles
select profile
from profiled
