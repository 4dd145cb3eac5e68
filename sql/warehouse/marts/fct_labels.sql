-- Each label with the span of recorded time, [recorded_at, superseded_at), in which it was the latest of its transaction.
with labels as (
    select * from {{ ref('stg_labels') }}
),

final as (
    select
        transaction_id,
        is_fraud,
        scenario,
        recorded_at,
        lead(recorded_at) over (partition by transaction_id order by recorded_at) as superseded_at
    from labels
)

select * from final
