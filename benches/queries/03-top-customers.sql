-- Which customers move most?
select customer_id, count(*) as n, sum(amount) as total
from transaction
group by customer_id
order by total desc, customer_id
limit 100
