-- The quarantine topic; records come as JSON, written after the contract.
create temporary table refused (
    record bytes
) with (
    'connector' = 'kafka',
    'topic' = $topic,
    'properties.bootstrap.servers' = $bootstrap,
    'sink.delivery-guarantee' = 'at-least-once',
    'format' = 'raw'
)
