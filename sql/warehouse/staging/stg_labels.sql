-- What became known of transactions afterwards, as loaded, with the names and columns that the marts stand on.
with labels as (
    select * from {{ source('lake', 'labels') }}
),

final as (
    select
        transaction_id,
        is_fraud,
        scenario,
        recorded_at
    from labels
)

select * from final
