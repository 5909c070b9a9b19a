-- What comes in and goes out by month and channel?
select date_trunc('month', ts) as month, channel,
       sum(case when direction = 'in' then amount else 0 end) as money_in,
       sum(case when direction = 'out' then amount else 0 end) as money_out
from transaction
group by 1, 2
order by 1, 2
