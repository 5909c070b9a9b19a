-- What moved on each day?
select date_trunc('day', ts) as day, count(*) as n, sum(amount) as total
from transaction
group by 1
order by 1
