-- Where is most money spent?
select merchant_category, sum(amount) as total, count(*) as n
from transaction
where direction = 'out'
group by 1
order by 2 desc
limit 20
