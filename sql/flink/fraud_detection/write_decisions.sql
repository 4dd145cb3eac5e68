insert into decisions select cast(card_token as bytes), d.decision from decided where d.decision is not null
