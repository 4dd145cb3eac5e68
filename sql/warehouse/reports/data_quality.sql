-- The share of records that pass every rule, by partition of the raw topic and hour of arrival (UTC), as of one moment of
-- business time, as known at one of recorded time. A repeat passes: what it says is right, and was said before.
with records as (
    select * from {{ ref('fct_records') }}
),

known as (
    select *
    from records
    where
        ingested_at <= $as_of
        and recorded_at <= $as_known
),

final as (
    select
        hour,
        source_partition,
        count(*) as records,
        count_if(disposition = 'valid') as valid,
        count_if(disposition = 'duplicate') as duplicates,
        count_if(disposition = 'quarantined') as quarantined,
        mode(reason order by reason) as most_often,
        cast(round(100 * count_if(disposition <> 'quarantined') / count(*), 3) as decimal(6, 3)) as score_percent
    from known
    group by hour, source_partition
)

select * from final
order by hour, source_partition
