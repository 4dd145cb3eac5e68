-- Each transaction with its label, for the span of recorded time in which both were the latest: from when the later of the
-- two was learned, until the earlier of the two was replaced.
with transactions as (
    select * from {{ ref('fct_transactions') }}
),

labels as (
    select * from {{ ref('fct_labels') }}
),

pairs as (
    select
        transactions.* exclude (recorded_at, superseded_at),
        labels.is_fraud,
        labels.scenario,
        greatest(transactions.recorded_at, labels.recorded_at) as recorded_at,
        case
            when transactions.superseded_at is null then labels.superseded_at
            when labels.superseded_at is null then transactions.superseded_at
            else least(transactions.superseded_at, labels.superseded_at)
        end as superseded_at
    from transactions
    inner join labels on labels.transaction_id = transactions.transaction_id
),

final as (
    select *
    from pairs
    where superseded_at is null or superseded_at > recorded_at
)

select * from final
