-- What was bought in one week?
select merchant_category, count(*) as n, sum(amount) as total
from transaction
where ts >= timestamp '2024-05-06 00:00:00' and ts < timestamp '2024-05-13 00:00:00'
group by merchant_category
order by merchant_category
