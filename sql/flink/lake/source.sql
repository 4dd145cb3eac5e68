-- One topic as it stands in Kafka. A value that is not JSON fails the job: nothing is skipped in silence.
create temporary table $table (
    $columns,
    arrived_at as proctime()
) with (
    'connector' = 'kafka',
    'topic' = $topic,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.group.id' = $group,
    'scan.startup.mode' = 'earliest-offset',
    'value.format' = 'json',
    'value.json.timestamp-format.standard' = 'ISO-8601'
)
