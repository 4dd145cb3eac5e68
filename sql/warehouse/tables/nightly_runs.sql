-- Each run of the nightly reporting for a booking date, in the same transaction as what it published and what it found.
-- With approved_run, its findings were let pass for what that run had shown.
create table if not exists nightly_runs (
    run_id varchar primary key,
    number bigint not null,
    booking_date date not null,
    outcome varchar not null check (outcome in ('published', 'unchanged', 'blocked')),
    entries bigint not null,
    findings bigint not null,
    entries_digest varchar not null,
    findings_digest varchar not null,
    approved_run varchar,
    approved_by varchar,
    approved_why varchar,
    recorded_at timestamptz not null
)
