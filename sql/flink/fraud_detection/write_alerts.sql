insert into alerts select cast(card_token as bytes), d.alert from decided where d.alert is not null
