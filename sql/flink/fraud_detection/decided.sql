create temporary view decided as
select card_token, decide(body, facts, earlier, profile) as d
from profiled
