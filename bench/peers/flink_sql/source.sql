create temporary table transactions (
    `value` bytes
) with (
    'connector' = 'kafka',
    'topic' = $input,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.group.id' = 'velocity-sql',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'raw'
)
