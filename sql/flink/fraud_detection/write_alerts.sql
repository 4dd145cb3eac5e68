insert into outputs select $alerts, card_token, d.alert from decided where d.alert is not null
