-- One folder of the lake: a day a partition, files that appear whole when a checkpoint commits them.
-- Flink writes INT64 timestamps without a zone mark; they hold UTC.
create temporary table $table (
    $columns,
    $day string not null
) partitioned by ($day) with (
    'connector' = 'filesystem',
    'path' = $path,
    'format' = 'parquet',
    'parquet.compression' = 'ZSTD',
    'parquet.utc-timezone' = 'true',
    'parquet.write.int64.timestamp' = 'true',
    'parquet.timestamp.time.unit' = 'millis',
    -- A replay of old data opens a file for each day; this bounds what each may hold in memory.
    'parquet.block.size' = $block,
    -- By age a file is closed with each checkpoint, whatever the policy says; by size in between, after a block.
    'sink.rolling-policy.file-size' = $roll
)
