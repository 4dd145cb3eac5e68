-- What `sluice nightly` reads in the core-banking system's PostgreSQL: tables, or views of these names.
create table if not exists ledger_entries (
    entry_id text primary key,
    customer_id text not null,
    transaction_id text not null,
    account text not null,
    side text not null,
    amount_minor bigint not null,
    currency text not null,
    booked_at timestamptz not null,
    -- The UTC day of the transaction's event_time.
    booking_date date not null
);

create index if not exists ledger_entries_by_day on ledger_entries (booking_date);

-- A day whose books are closed. Only such a day is reported on.
create table if not exists ledger_closed_days (
    booking_date date primary key,
    closed_at timestamptz not null
);

-- What was counted of each currency as the day was closed.
create table if not exists ledger_control_totals (
    booking_date date not null references ledger_closed_days,
    currency text not null,
    entries bigint not null,
    debit_minor bigint not null,
    credit_minor bigint not null,
    primary key (booking_date, currency)
);
