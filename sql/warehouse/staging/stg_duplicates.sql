-- Repeats as loaded, with the names and columns that the marts stand on.
with duplicates as (
    select * from {{ source('lake', 'lake_duplicates') }}
),

final as (
    select
        duplicate_id,
        source_partition,
        source_offset,
        transaction_id,
        customer_id,
        ingested_at,
        recorded_at
    from duplicates
)

select * from final
