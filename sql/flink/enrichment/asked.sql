-- Decisions that ask for one reference, and its versions, in one table: `as_of` keeps these and answers those.
-- A decision carries along what the references before have answered.
create temporary view ${reference}_asked as
select
    part(opened, $entity_of_decision) as entity,
    number_at(part(opened, $facts), $event_ms) as at_ms,
    opened,
    $carried
    cast(null as bytes) as answer
from $decisions
union all
select
    part(referenced, $entity),
    number_at(part(referenced, $version), $valid_from_ms),
    cast(null as bytes),
    $nothing
    part(referenced, $answer)
from referenced
where part(referenced, $problem) is null and number_at(part(referenced, $version), $reference_at) = $number
