-- The alerts with their place in Kafka, as the keyed function takes them; times in milliseconds since 1970.
select
    topic,
    `partition`,
    `offset`,
    1000 * extract(epoch from appended_at) + extract(millisecond from appended_at) as appended_ms,
    content
from messages
