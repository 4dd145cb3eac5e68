-- Nothing is decided: only the state is wanted.
create temporary table profiles (
    profile bytes
) with ('connector' = 'blackhole')
