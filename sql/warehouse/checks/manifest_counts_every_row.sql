-- Tables that hold more rows than the files that were loaded into them.
with held as (
    select 'decisions' as kind, count(*) as rows_held from {{ source('lake', 'lake_decisions') }}
    union all
    select 'quarantine', count(*) from {{ source('lake', 'lake_quarantine') }}
    union all
    select 'duplicates', count(*) from {{ source('lake', 'lake_duplicates') }}
    union all
    select 'labels', count(*) from {{ source('lake', 'labels') }}
    union all
    select 'chargebacks', count(*) from {{ source('lake', 'chargebacks') }}
    union all
    select 'ledger_entries', count(*) from {{ source('lake', 'ledger_entries') }}
),

loaded as (
    select
        kind,
        sum("rows") as rows_loaded
    from {{ source('lake', 'load_manifest') }}
    group by kind
)

select held.*
from held
left join loaded on loaded.kind = held.kind
where held.rows_held > coalesce(loaded.rows_loaded, 0)
