insert into decisions select card_token, d.decision from decided where d.decision is not null
