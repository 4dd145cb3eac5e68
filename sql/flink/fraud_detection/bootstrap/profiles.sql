-- Nothing is decided: only the state is wanted.
create temporary table profiles (
    gated bytes
) with ('connector' = 'blackhole')
