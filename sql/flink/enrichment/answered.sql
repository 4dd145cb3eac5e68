-- Each decision at once with what held at its event time, as far as it is known by now; NULL where nothing does.
create temporary view ${reference}_answered as
select opened, $carried found as $reference
from as_of(
    r => table ${reference}_asked partition by entity,
    moment => descriptor(at_ms),
    asking => descriptor(opened),
    version => descriptor(answer),
    most => $most_versions,
    uid => '$reference'
)
