create temporary table flagged (
    `key` string,
    `value` string
) with (
    'connector' = 'kafka',
    'topic' = $output,
    'properties.bootstrap.servers' = $bootstrap,
    'properties.linger.ms' = '$linger_ms',
    'sink.delivery-guarantee' = 'at-least-once',
    'key.format' = 'raw',
    'key.fields' = 'key',
    'value.format' = 'raw',
    'value.fields-include' = 'EXCEPT_KEY'
)
