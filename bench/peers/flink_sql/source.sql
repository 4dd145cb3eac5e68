create temporary table transactions (
    `value` bytes,
    ingested_at timestamp_ltz(3) metadata from 'timestamp' virtual
) with (
    'connector' = 'kafka',
    'topic' = $input,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.group.id' = 'velocity-sql',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'raw'
)
