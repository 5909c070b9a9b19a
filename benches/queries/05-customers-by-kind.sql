-- How many customers use each kind of payment?
select kind, count(distinct customer_id) as customers
from transaction
group by kind
order by kind
