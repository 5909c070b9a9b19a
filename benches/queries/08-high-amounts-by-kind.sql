-- How large is a large payment of each kind?
select kind, percentile_cont(0.95) within group (order by cast(amount as double)) as amount_p95
from transaction
group by kind
order by kind
