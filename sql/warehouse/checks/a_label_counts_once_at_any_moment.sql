-- Labelled transactions that would count twice at the moment they were learned of.
select
    one.decision_id,
    one.recorded_at
from {{ ref('fct_labelled_transactions') }} as one
inner join {{ ref('fct_labelled_transactions') }} as other
    on
        other.customer_id = one.customer_id
        and other.transaction_id = one.transaction_id
        and other.recorded_at <= one.recorded_at
        and (other.superseded_at is null or other.superseded_at > one.recorded_at)
group by one.decision_id, one.recorded_at
having count(*) > 1
