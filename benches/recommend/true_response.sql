-- The true chance that the first offer is taken within a month (offered by SMS), beside that of the most popular product that the customer does
-- not have, and beside the best there is; of all customers who are recommended something, and of the tenth with the highest scores.
-- Popularity knows products and no customers: of as many offers its mean is that of all customers.
with held as (
  select product_id, row_number() over (order by count(*), product_id) as popularity from truth_prospect group by product_id
), chances as (
  select t.customer_id, t.product_id, h.popularity, (t.p_sms) as p, t.p_sms - t.p_without as lift
  from truth_prospect t join held h on h.product_id = t.product_id
), of_customer as (
  select customer_id, max(p) as best, avg(p) as any_product, first_value(p order by popularity) as popular,
         first_value(lift order by popularity) as popular_lift
  from chances group by customer_id
), ours as (
  select r.customer_id, r.score, c.p, c.lift, o.best, o.popular, o.any_product, o.popular_lift,
         row_number() over (order by r.score desc, r.customer_id) as place, count(*) over () as customers
  from recommendations.marketing r
  join product p on p.name = r.product
  join chances c on c.customer_id = r.customer_id and c.product_id = p.product_id
  join of_customer o on o.customer_id = r.customer_id
  where r.place = 1
)
select 'first offer of every customer' as offers, count(*) as customers, avg(p) as recommended, avg(popular) as popular,
       avg(any_product) as any_product, avg(best) as oracle, avg(p) / avg(popular) - 1 as above_popular, avg(best) / avg(popular) - 1 as oracle_above
from ours
union all
select 'as many as the tenth with the highest scores', count(*) filter (where place <= customers / 10),
       avg(p) filter (where place <= customers / 10), avg(popular), avg(any_product), null,
       (avg(p) filter (where place <= customers / 10)) / avg(popular) - 1, null
from ours
union all
select 'the same tenth, each with the most popular', count(*) filter (where place <= customers / 10),
       avg(p) filter (where place <= customers / 10), avg(popular) filter (where place <= customers / 10),
       avg(any_product) filter (where place <= customers / 10), avg(best) filter (where place <= customers / 10),
       (avg(p) filter (where place <= customers / 10)) / (avg(popular) filter (where place <= customers / 10)) - 1,
       (avg(best) filter (where place <= customers / 10)) / (avg(popular) filter (where place <= customers / 10)) - 1
from ours
