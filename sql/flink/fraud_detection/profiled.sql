create temporary view profiled as
select *
from history(
    r => table seen partition by card_token,
    status => descriptor(status),
    event_ms => descriptor(event_ms),
    amount => descriptor(amount_usd_minor),
    categories => descriptor(merchant_id, country, terminal_id),
    uid => 'history'
)
