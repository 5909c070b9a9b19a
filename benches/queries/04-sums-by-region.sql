-- How much moves in each region?
select c.region, count(*) as n, sum(t.amount) as total
from transaction t join customer c on c.customer_id = t.customer_id
group by c.region
order by c.region
