-- What was held back, by UTC day of arrival, step, reason and currency. The amount is the sum where it could be read.
with quarantine as (
    select * from {{ ref('fct_quarantine') }}
),

known as (
    select *
    from quarantine
    where
        ingested_at <= $as_of
        and recorded_at <= $as_known
),

final as (
    select
        ingested_date,
        step,
        reason,
        currency,
        count(*) as records,
        coalesce(sum(amount_minor), 0) as amount_minor
    from known
    group by ingested_date, step, reason, currency
)

select * from final
order by ingested_date, step, reason, currency
