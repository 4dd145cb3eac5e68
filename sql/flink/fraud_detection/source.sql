-- The raw topic. The value stays bytes: it is parsed in the gate, so that nothing is lost on the way there.
create temporary table transactions (
    `value` bytes,
    source_partition int metadata from 'partition' virtual,
    source_offset bigint metadata from 'offset' virtual,
    ingested_at timestamp_ltz(3) metadata from 'timestamp' virtual
) with (
    'connector' = 'kafka',
    'topic' = $topic,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.group.id' = $group,
    -- Where the group stands, which is told before the start; a position that Kafka has deleted fails the job.
    'scan.startup.mode' = 'group-offsets',
    'properties.auto.offset.reset' = 'none',
    -- A partition that is added later is read from its beginning, at the latest after so long.
    'scan.topic-partition-discovery.interval' = '30 s',
    'format' = 'raw'
)
