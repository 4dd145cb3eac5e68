-- Records of the raw topic with more than one disposition.
select
    source_partition,
    source_offset
from {{ ref('fct_records') }}
group by source_partition, source_offset
having count(*) > 1
