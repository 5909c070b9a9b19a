-- Recency, frequency and money of each customer, in fifths, and the names of the groups (docs/concepts/traits-and-segments.md). A value with
-- b below and t equal has the mid-rank b + (t + 1) / 2: rank() is b + 1, count(*) up to and with its equals is b + t.
with measured as (
    select customer_id, max(ts) as last, count(*) as times, coalesce(sum(amount), 0) as money
    from event where customer_id is not null group by customer_id
), scored as (
    select money,
           cast(ceil(5.0 * (rank() over by_last + count(*) over by_last) / (2.0 * count(*) over ())) as bigint) as recency,
           cast(ceil(5.0 * (rank() over by_times + count(*) over by_times) / (2.0 * count(*) over ())) as bigint) as frequency,
           cast(ceil(5.0 * (rank() over by_money + count(*) over by_money) / (2.0 * count(*) over ())) as bigint) as monetary
    from measured window by_last as (order by last), by_times as (order by times), by_money as (order by money)
), placed as (
    select money, recency, cast(ceil((frequency + monetary) / 2.0) as bigint) as value from scored
), named as (
    select money, case
        when recency = 5 then case when value = 1 then 'new customers' when value <= 3 then 'potential loyalists' else 'champions' end
        when recency = 4 then case when value = 1 then 'promising' when value <= 3 then 'potential loyalists' when value = 4 then 'loyal' else 'champions' end
        when recency = 3 then case when value <= 2 then 'about to sleep' when value = 3 then 'need attention' else 'loyal' end
        when recency = 2 then case when value <= 2 then 'hibernating' when value <= 4 then 'at risk' else 'cannot lose them' end
        else case when value = 1 then 'lost' when value = 2 then 'hibernating' when value <= 4 then 'at risk' else 'cannot lose them' end
    end as name from placed
)
select name, count(*) as customers, sum(money) as money from named group by name
