-- Each rule that fired on a transaction, with the span of recorded time in which that decision was the latest.
with transactions as (
    select * from {{ ref('fct_transactions') }}
),

hits as (
    select * from {{ ref('stg_rule_hits') }}
),

final as (
    select
        transactions.decision_id,
        hits.rule,
        hits.rule_version,
        hits.severity,
        transactions.customer_id,
        transactions.transaction_id,
        transactions.event_time,
        transactions.event_date,
        transactions.source_partition,
        transactions.source_offset,
        transactions.recorded_at,
        transactions.superseded_at
    from hits
    inner join transactions on transactions.decision_id = hits.decision_id
)

select * from final
