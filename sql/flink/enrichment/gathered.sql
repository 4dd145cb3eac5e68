-- What the step that words the answers takes.
create temporary view gathered as
select
    number_at(part(opened, $facts), $event_ms) as event_ms,
    number_at(part(opened, $facts), $amount_minor) as amount_minor,
    part(opened, $currency) as currency,
    part(opened, $card_token) as card_token,
    part(opened, $decision) as decision,
    $found
from $decisions
