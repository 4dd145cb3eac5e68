-- What a run found, by row: amounts are minor units of the currency, for control_entries numbers of entries.
create table if not exists nightly_findings (
    run_id varchar not null,
    number bigint not null,
    problem varchar not null,
    customer_id varchar,
    transaction_id varchar,
    currency varchar,
    expected bigint,
    found bigint,
    difference bigint,
    entries varchar[] not null,
    message varchar not null
)
