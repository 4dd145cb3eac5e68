create temporary view first_decisions as
select opened
from known
where not repeated
