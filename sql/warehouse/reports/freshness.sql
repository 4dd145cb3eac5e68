-- How far the warehouse has got, and how long records took from Kafka's append until a report could count them.
with records as (
    select * from {{ ref('fct_records') }}
),

known as (
    select
        *,
        date_diff('second', ingested_at, recorded_at) as lag_seconds
    from records
    where
        ingested_at <= $as_of
        and recorded_at <= $as_known
),

final as (
    select
        disposition,
        count(*) as records,
        max(ingested_at) at time zone 'UTC' as newest_ingested_at,
        max(recorded_at) at time zone 'UTC' as newest_recorded_at,
        percentile_disc(0.5) within group (order by lag_seconds) as p50_lag_seconds,
        percentile_disc(0.99) within group (order by lag_seconds) as p99_lag_seconds
    from known
    group by disposition
)

select * from final
order by disposition
