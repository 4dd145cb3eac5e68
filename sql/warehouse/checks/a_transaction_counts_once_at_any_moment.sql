-- Two decisions on a transaction whose spans of recorded time overlap.
select
    one.decision_id,
    other.decision_id as other_id
from {{ ref('fct_transactions') }} as one
inner join {{ ref('fct_transactions') }} as other
    on
        other.customer_id = one.customer_id
        and other.transaction_id = one.transaction_id
        and other.decision_id > one.decision_id
where
    (one.superseded_at is null or one.superseded_at > other.recorded_at)
    and (other.superseded_at is null or other.superseded_at > one.recorded_at)
