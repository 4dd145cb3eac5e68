-- Topics of finished JSON, written at least once: ids are computed from the content, so readers can drop a repeat.
create temporary table outputs (
    topic string metadata,
    `key` bytes,
    `value` bytes
) with (
    'connector' = 'kafka',
    'topic' = $topics,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.linger.ms' = '$linger_ms',
    'properties.batch.size' = '262144',
    'properties.compression.type' = 'lz4',
    'sink.delivery-guarantee' = 'at-least-once',
    'key.format' = 'raw',
    'key.fields' = 'key',
    'value.format' = 'raw',
    'value.fields-include' = 'EXCEPT_KEY'
)
