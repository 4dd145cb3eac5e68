insert into quarantine
select cast(null as bytes), g.problem from gated where g.problem is not null
union all
select card_token, d.quarantine from decided where d.quarantine is not null
