-- The published books: entries and sums, by booking date, currency and account.
with entries as (
    select * from {{ ref('fct_ledger_entries') }}
),

known as (
    select *
    from entries
    where
        booking_date <= $as_of
        and recorded_at <= $as_known
        and (superseded_at is null or superseded_at > $as_known)
),

final as (
    select
        booking_date,
        currency,
        account,
        count(*) as entries,
        coalesce(sum(amount_minor) filter (where side = 'debit'), 0) as debit_minor,
        coalesce(sum(amount_minor) filter (where side = 'credit'), 0) as credit_minor
    from known
    group by booking_date, currency, account
)

select * from final
order by booking_date, currency, account
