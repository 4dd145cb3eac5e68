-- Topics as raw messages, so that what can't be read is a matter for the step behind; a NULL value withdraws a version.
create temporary table $table (
    topic string not null metadata virtual,
    `partition` int not null metadata virtual,
    `offset` bigint not null metadata virtual,
    appended_at timestamp_ltz(3) not null metadata from 'timestamp' virtual,
    `key` bytes,
    `value` bytes
) with (
    'connector' = 'kafka',
    'topic' = $topics,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.group.id' = $group,
    -- Where the group stands, which is told before the start; a position that Kafka has deleted fails the job.
    'scan.startup.mode' = 'group-offsets',
    'properties.auto.offset.reset' = 'none',
    -- A partition that is added later is read from its beginning, at the latest after so long.
    'scan.topic-partition-discovery.interval' = '30 s',
    'key.format' = 'raw',
    'key.fields' = 'key',
    'value.format' = 'raw',
    'value.fields-include' = 'EXCEPT_KEY'
)
