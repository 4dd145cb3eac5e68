create temporary view profiled as
select *
from history(
    r => table seen partition by card_bucket,
    entity => descriptor(card_token),
    log_partition => descriptor(source_partition),
    log_ms => descriptor(ingested_ms),
    status => descriptor(status),
    event_ms => descriptor(event_ms),
    amount => descriptor(amount_usd_minor),
    categories => descriptor(merchant_id, country, terminal_id),
    uid => 'history'
)
