-- What has one customer done?
select ts, amount, direction, kind, channel, balance_after
from transaction
where customer_id = 471
order by ts, amount
