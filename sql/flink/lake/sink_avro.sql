-- As sink_parquet.sql, for what is read row by row. Each file says what its fields are called.
create temporary table $table (
    $columns,
    $day string not null
) partitioned by ($day) with (
    'connector' = 'filesystem',
    'path' = $path,
    'format' = 'avro',
    'avro.codec' = 'deflate',
    -- A timestamp is a moment in UTC, and marked so.
    'avro.timestamp_mapping.legacy' = 'false',
    'sink.rolling-policy.file-size' = $roll
)
