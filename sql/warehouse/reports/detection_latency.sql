-- How long it took from Kafka's append to the decision, by UTC event day. Every decision counts, also one taken anew.
with decisions as (
    select * from {{ ref('fct_decisions') }}
),

known as (
    select *
    from decisions
    where
        event_time <= $as_of
        and recorded_at <= $as_known
),

final as (
    select
        event_date,
        count(*) as decisions,
        percentile_disc(0.5) within group (order by detection_ms) as p50_ms,
        percentile_disc(0.95) within group (order by detection_ms) as p95_ms,
        percentile_disc(0.99) within group (order by detection_ms) as p99_ms,
        max(detection_ms) as max_ms,
        cast(round(100 * count_if(detection_ms < 500) / count(*), 3) as decimal(6, 3)) as within_500_ms_percent
    from known
    group by event_date
)

select * from final
order by event_date
