-- Topics as raw bytes: what can't be read is a matter for quarantine, not for a crash.
-- The position in the topics stands in Flink's checkpoints; the group has where to begin, and shows it to Kafka's tools.
create temporary table $table (
    topic string not null metadata virtual,
    `partition` int not null metadata virtual,
    `offset` bigint not null metadata virtual,
    appended_at timestamp_ltz(3) not null metadata from 'timestamp' virtual,
    content bytes
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
    'format' = 'raw'
)
