-- Of a message about a customer, what the step that checks it takes.
create temporary view events_arrived as
select content, `partition`, `offset`, appended_at
from customer_events
