-- What was known of the card when each transaction arrived, for training and back-tests. A transaction sees only what had
-- happened and had arrived before it: what came late is in no feature of those that did not wait for it. A fraud counts
-- from when its label was loaded, not from when it happened.
with transactions as (
    select * from {{ ref('fct_transactions') }}
),

labels as (
    select * from {{ ref('fct_labels') }}
),

known as (
    select *
    from transactions
    where
        event_time <= $as_of
        and recorded_at <= $as_known
        and (superseded_at is null or superseded_at > $as_known)
),

pairs as (
    select
        this.decision_id,
        this.customer_id,
        this.transaction_id,
        this.card_token,
        this.event_time,
        earlier.decision_id as earlier_id,
        earlier.amount_usd_minor as earlier_usd_minor,
        earlier.merchant_id as earlier_merchant_id,
        earlier.event_time as earlier_time
    from known as this
    left join known as earlier
        on
            earlier.card_token = this.card_token
            and earlier.event_time < this.event_time
            and earlier.event_time >= this.event_time - interval '24' hour
            and earlier.ingested_at < this.ingested_at
),

frauds as (
    select
        this.decision_id,
        count(*) as frauds_known
    from known as this
    inner join known as earlier
        on
            earlier.card_token = this.card_token
            and earlier.event_time < this.event_time
            and earlier.ingested_at < this.ingested_at
    inner join labels
        on
            labels.transaction_id = earlier.transaction_id
            and labels.is_fraud
            and labels.recorded_at < this.ingested_at
            and (labels.superseded_at is null or labels.superseded_at >= this.ingested_at)
    group by this.decision_id
),

final as (
    select
        card_token,
        customer_id,
        transaction_id,
        pairs.event_time at time zone 'UTC' as event_time,
        count(earlier_id) as transactions_24h,
        coalesce(sum(earlier_usd_minor), 0) as amount_24h_usd_minor,
        count(distinct earlier_merchant_id) as merchants_24h,
        date_diff('second', max(earlier_time), pairs.event_time) as seconds_since_last,
        coalesce(max(frauds_known), 0) as frauds_known
    from pairs
    left join frauds on frauds.decision_id = pairs.decision_id
    group by card_token, customer_id, transaction_id, pairs.event_time
)

select * from final
order by card_token, event_time, customer_id, transaction_id
