create temporary table transactions (
    `value` bytes
) with (
    'connector' = 'kafka',
    'topic' = $input,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.group.id' = $group,
    'scan.startup.mode' = 'group-offsets',
    'properties.auto.offset.reset' = 'none',
    'format' = 'raw'
)
