insert into alerts select card_token, d.alert from decided where d.alert is not null
