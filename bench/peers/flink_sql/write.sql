insert into flagged
select
    token,
    json_object(
        'token' value token,
        'transaction_id' value transaction_id,
        'reasons' value json_array(high_value, card_velocity absent on null)
    )
from judged
where high_value is not null or card_velocity is not null
