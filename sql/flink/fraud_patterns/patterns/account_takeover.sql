-- The latest that a customer did, each time that one thing more is heard of. The three may come in any order, as events and
-- transfers reach the job by topics of their own; MATCH_RECOGNIZE of Flink knows no PERMUTE. The check looks at their times.
create temporary view account_takeover as
with heard as (
    select
        *,
        proctime() as arrived_at
    from acted
    where kind in ('device_added', 'profile_changed') or amount_usd_minor > $large
),
gathered as (
    select
        listagg(matched) over latest as transactions,
        sum(if(kind = 'device_added', 1, 0)) over latest as devices,
        sum(if(kind = 'profile_changed', 1, 0)) over latest as changes,
        sum(if(kind is null, 1, 0)) over latest as transfers
    from heard
    window latest as (
        partition by customer_id
        order by arrived_at
        rows between $held preceding and current row
    )
)
select transactions
from gathered
where devices > 0 and changes > 0 and transfers > 0
