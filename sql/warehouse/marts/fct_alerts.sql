-- Each transaction that was to be reviewed or blocked, with the rules that said so and the span of recorded time in which
-- that was the latest decision on it.
with transactions as (
    select * from {{ ref('fct_transactions') }}
),

hits as (
    select
        decision_id,
        count(*) as rules_fired,
        string_agg(rule, ' ' order by rule) as rules
    from {{ ref('stg_rule_hits') }}
    group by decision_id
),

final as (
    select
        transactions.decision_id,
        transactions.customer_id,
        transactions.transaction_id,
        transactions.card_token,
        transactions.event_time,
        transactions.event_date,
        transactions.currency,
        transactions.amount_minor,
        transactions.amount_usd_minor,
        transactions.outcome,
        coalesce(hits.rules_fired, 0) as rules_fired,
        hits.rules,
        transactions.source_partition,
        transactions.source_offset,
        transactions.recorded_at,
        transactions.superseded_at
    from transactions
    left join hits on hits.decision_id = transactions.decision_id
    where transactions.outcome <> 'approve'
)

select * from final
