insert into flagged
select
    split_index(names, ' ', 0),
    json_object(
        'token' value split_index(names, ' ', 0),
        'transaction_id' value split_index(names, ' ', 1),
        'reasons' value json_array(high_value, card_velocity absent on null)
    )
from judged
where high_value is not null or card_velocity is not null
