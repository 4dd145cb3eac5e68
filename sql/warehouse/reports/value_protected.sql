-- Of the money that labelled fraud was after, how much was blocked, sent to review, or let through, by UTC event day and
-- currency. Currencies stay apart; the US cents beside them are at the rate of the transaction's day.
with labelled as (
    select * from {{ ref('fct_labelled_transactions') }}
),

known as (
    select *
    from labelled
    where
        event_time <= $as_of
        and recorded_at <= $as_known
        and (superseded_at is null or superseded_at > $as_known)
        and is_fraud
),

final as (
    select
        event_date,
        currency,
        count(*) as frauds,
        sum(amount_minor) as fraud_minor,
        coalesce(sum(case when outcome = 'block' then amount_minor end), 0) as protected_minor,
        coalesce(sum(case when outcome = 'review' then amount_minor end), 0) as reviewed_minor,
        coalesce(sum(case when outcome = 'approve' then amount_minor end), 0) as missed_minor,
        sum(amount_usd_minor) as fraud_usd_minor,
        coalesce(sum(case when outcome = 'block' then amount_usd_minor end), 0) as protected_usd_minor
    from known
    group by event_date, currency
)

select * from final
order by event_date, currency
