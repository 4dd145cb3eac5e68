insert into outputs select d.topic, card_token, d.record from decided
