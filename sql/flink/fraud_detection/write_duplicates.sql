insert into duplicates select card_token, d.duplicate from decided where d.duplicate is not null
