-- Each record of the raw topic with its one end. Where a record was given an end again, as by a job that began without its
-- state, the end that was known first stays, so that no later load changes an answer.
with ends as (
    select
        'valid' as disposition,
        null as reason,
        transaction_id,
        customer_id,
        source_partition,
        source_offset,
        ingested_at,
        recorded_at
    from {{ ref('stg_decisions') }}
    union all
    select 'quarantined', reason, transaction_id, customer_id, source_partition, source_offset, ingested_at, recorded_at
    from {{ ref('stg_quarantine') }}
    where step in ('gate', 'history')
    union all
    select 'duplicate', null, transaction_id, customer_id, source_partition, source_offset, ingested_at, recorded_at
    from {{ ref('stg_duplicates') }}
),

final as (
    select
        source_partition,
        source_offset,
        disposition,
        reason,
        transaction_id,
        customer_id,
        date_trunc('hour', ingested_at at time zone 'UTC') as hour,
        ingested_at,
        recorded_at
    from ends
    qualify row_number() over (
        partition by source_partition, source_offset
        order by recorded_at, disposition, reason
    ) = 1
)

select * from final
