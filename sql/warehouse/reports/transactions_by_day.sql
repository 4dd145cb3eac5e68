-- Transactions of each UTC event day and currency, as of one moment of business time, as known at one of recorded time.
-- Quarantined records and duplicates don't count.
with transactions as (
    select * from {{ ref('fct_transactions') }}
),

known as (
    select *
    from transactions
    where
        event_time <= $as_of
        and recorded_at <= $as_known
        and (superseded_at is null or superseded_at > $as_known)
),

final as (
    select
        event_date,
        currency,
        count(*) as transactions,
        sum(amount_minor) as amount_minor,
        count_if(outcome = 'approve') as approved,
        count_if(outcome = 'review') as reviewed,
        count_if(outcome = 'block') as blocked,
        sum(amount_usd_minor) as amount_usd_minor,
        cast(round(100 * count_if(outcome = 'approve') / count(*), 3) as decimal(6, 3)) as approval_percent,
        cast(round(100 * count_if(outcome <> 'approve') / count(*), 3) as decimal(6, 3)) as alert_percent
    from known
    group by event_date, currency
)

select * from final
order by event_date, currency
