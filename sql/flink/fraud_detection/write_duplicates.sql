insert into duplicates select cast(card_token as bytes), d.duplicate from decided where d.duplicate is not null
