-- How low does each customer's flow of money run? (Times that are equal count together.)
select customer_id, min(running) as lowest
from (
    select customer_id,
           sum(case when direction = 'in' then amount else -amount end) over (partition by customer_id order by ts) as running
    from transaction
) as flow
group by customer_id
order by lowest, customer_id
limit 100
