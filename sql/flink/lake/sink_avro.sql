-- As sink_parquet.sql, for what is read row by row. Each file says what its fields are called. Flink knows no type but
-- timestamp(3) for Avro's timestamp-millis, which is a moment: it takes the wall time for UTC's, and that is what it gets.
create temporary table $table (
    $columns,
    $day string not null
) partitioned by ($day) with (
    'connector' = 'filesystem',
    'path' = $path,
    'format' = 'avro',
    'avro.codec' = 'deflate',
    'sink.rolling-policy.file-size' = $roll
)
