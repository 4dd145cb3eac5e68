-- The publications of each day's books, one after the other.
with runs as (
    select * from {{ source('lake', 'nightly_runs') }}
),

final as (
    select
        run_id,
        booking_date,
        approved_by,
        approved_why,
        recorded_at
    from runs
    where outcome = 'published'
)

select * from final
