-- What each rule found, held against the labels there are: hits on fraud and on legitimate transactions, false positives for
-- each fraud found, and the share of all labelled fraud that the rule fired on.
with hits as (
    select * from {{ ref('fct_rule_hits') }}
),

labelled as (
    select * from {{ ref('fct_labelled_transactions') }}
),

known_hits as (
    select *
    from hits
    where
        event_time <= $as_of
        and recorded_at <= $as_known
        and (superseded_at is null or superseded_at > $as_known)
),

known_labelled as (
    select *
    from labelled
    where
        event_time <= $as_of
        and recorded_at <= $as_known
        and (superseded_at is null or superseded_at > $as_known)
),

frauds as (
    select count(*) as frauds
    from known_labelled
    where is_fraud
),

counted as (
    select
        known_hits.rule,
        count(*) as hits,
        count(case when known_labelled.is_fraud then 1 end) as on_fraud,
        count(case when not known_labelled.is_fraud then 1 end) as on_legitimate
    from known_hits
    left join known_labelled on known_labelled.decision_id = known_hits.decision_id
    group by known_hits.rule
),

final as (
    select
        counted.rule,
        counted.hits,
        counted.on_fraud,
        counted.on_legitimate,
        counted.hits - counted.on_fraud - counted.on_legitimate as unlabelled,
        cast(round(counted.on_legitimate / nullif(counted.on_fraud, 0), 3) as decimal(12, 3)) as false_positive_ratio,
        frauds.frauds as labelled_fraud,
        cast(round(100 * counted.on_fraud / nullif(frauds.frauds, 0), 3) as decimal(6, 3)) as recall_percent
    from counted
    cross join frauds
)

select * from final
order by rule
