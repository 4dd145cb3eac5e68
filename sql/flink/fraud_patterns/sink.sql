-- Finished JSON, written at least once: an alert's id follows from what matched, so readers can drop a repeat.
create temporary table alerts (
    `key` bytes,
    `value` bytes
) with (
    'connector' = 'kafka',
    'topic' = $topic,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.linger.ms' = '5',
    'properties.compression.type' = 'lz4',
    'sink.delivery-guarantee' = 'at-least-once',
    'key.format' = 'raw',
    'key.fields' = 'key',
    'value.format' = 'raw',
    'value.fields-include' = 'EXCEPT_KEY'
)
