-- Each lake file that a load held back, with what is wrong with it; a file with other content or another fault is a row
-- more. Once it could be loaded, load_manifest has it too, under the same path and etag.
create table if not exists load_quarantine (
    path varchar not null,
    etag varchar not null,
    kind varchar not null,
    reason varchar not null,
    message varchar not null,
    held_at timestamptz not null
)
