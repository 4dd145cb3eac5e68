-- Each published entry with the span of recorded time, [recorded_at, superseded_at), in which its publication was the
-- latest of its day. A publication takes the place of the one before as a whole, also where it has no entry.
with entries as (
    select * from {{ ref('stg_ledger_entries') }}
),

publications as (
    select * from {{ ref('stg_publications') }}
),

spans as (
    select
        run_id,
        recorded_at,
        lead(recorded_at) over (partition by booking_date order by recorded_at) as superseded_at
    from publications
),

final as (
    select
        entries.entry_id,
        entries.booking_date,
        entries.customer_id,
        entries.transaction_id,
        entries.account,
        entries.side,
        entries.amount_minor,
        entries.currency,
        cast(null as bigint) as source_partition,
        cast(null as bigint) as source_offset,
        spans.recorded_at,
        spans.superseded_at
    from entries
    inner join spans on spans.run_id = entries.run_id
)

select * from final
