-- One topic as it stands in Kafka. A value that is not JSON fails the job: nothing is skipped in silence.
create temporary table $table (
    $columns
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
    'value.format' = 'json',
    'value.json.timestamp-format.standard' = 'ISO-8601'
)
