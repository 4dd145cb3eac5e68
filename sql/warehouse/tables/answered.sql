-- Grows by a row when a report answers for a later as_known than any before; the next load is recorded after it.
create table if not exists answered (
    as_known timestamptz not null
)
