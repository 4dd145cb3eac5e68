insert into outputs select $quarantine, cast(null as bytes), g.problem from gated where g.problem is not null
