-- Each lake file that has been loaded, in the same transaction as its rows.
create table if not exists load_manifest (
    path varchar primary key,
    etag varchar not null,
    kind varchar not null,
    rows bigint not null,
    loaded_at timestamptz not null
)
