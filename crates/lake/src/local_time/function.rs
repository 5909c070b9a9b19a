//! A function of the engine that is handed local times without a zone.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, PrimitiveArray, UInt32Array},
    compute::{max, min, take},
    datatypes::{DataType, Field, FieldRef, TimeUnit, TimestampMicrosecondType},
};
use datafusion::{
    common::{DFSchema, Result, config::ConfigOptions, tree_node::Transformed},
    logical_expr::{
        ColumnarValue, Documentation, Expr, ExpressionPlacement, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature,
        expr_rewriter::FunctionRewrite,
        preimage::PreimageResult,
        simplify::{ExprSimplifyResult, SimplifyContext},
        sort_properties::{ExprProperties, SortProperties},
    },
};

use super::offsets::{Offsets, Span};

type Times = PrimitiveArray<TimestampMicrosecondType>;

/// Puts itself in the place of the engine's `date_trunc` and `date_part`, by whatever words a query asks for them.
#[derive(Debug)]
pub(crate) struct InLocalTime {
    offsets: Arc<Offsets>,
    zone: Arc<str>,
}

impl InLocalTime {
    /// For times shown in `zone`; `None` for a zone whose offsets are not known by its name.
    pub(crate) fn new(zone: &str) -> Option<Self> {
        Some(Self { offsets: Arc::new(Offsets::of(zone)?), zone: zone.into() })
    }
}

impl FunctionRewrite for InLocalTime {
    fn name(&self) -> &'static str {
        "in_local_time"
    }

    fn rewrite(&self, expr: Expr, _: &DFSchema, _: &ConfigOptions) -> Result<Transformed<Expr>> {
        let Expr::ScalarFunction(mut call) = expr else { return Ok(Transformed::no(expr)) };
        let gives_time = match call.func.name() {
            "date_trunc" => true,
            "date_part" => false,
            _ => return Ok(Transformed::no(Expr::ScalarFunction(call))),
        };
        if call.func.inner().is::<LocalFunction>() {
            return Ok(Transformed::no(Expr::ScalarFunction(call)));
        }
        let zone = Zone { name: Arc::clone(&self.zone), offsets: Arc::clone(&self.offsets) };
        call.func = Arc::new(LocalFunction { engine: Arc::clone(&call.func), gives_time, zone }.into());
        Ok(Transformed::yes(Expr::ScalarFunction(call)))
    }
}

/// Zones are told apart by their names.
#[derive(Debug, Clone)]
struct Zone {
    name: Arc<str>,
    offsets: Arc<Offsets>,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl std::hash::Hash for Zone {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct LocalFunction {
    engine: Arc<ScalarUDF>,
    /// Whether what comes out is a time, to be moved back; else it is a number.
    gives_time: bool,
    zone: Zone,
}

impl LocalFunction {
    /// The times of a call that can be answered in local time.
    fn times<'a>(&self, args: &'a ScalarFunctionArgs) -> Option<&'a Times> {
        let [ColumnarValue::Scalar(part), ColumnarValue::Array(times)] = args.args.as_slice() else { return None };
        let of_zone = matches!(
            times.data_type(),
            DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if *zone == self.zone.name
        );
        // Seconds since 1970 are the same everywhere.
        let is_local = part.try_as_str().flatten().is_some_and(|part| !part.to_lowercase().contains("epoch"));
        if of_zone && is_local { times.as_primitive_opt() } else { None }
    }

    /// The engine's answer to the same call with another second argument.
    fn ask(&self, args: &ScalarFunctionArgs, times: ArrayRef) -> Result<ArrayRef> {
        let rows = times.len();
        let mut args = args.clone();
        args.arg_fields[1] = retyped(&args.arg_fields[1], times.data_type());
        if self.gives_time {
            args.return_field = retyped(&args.return_field, times.data_type());
        }
        args.args[1] = ColumnarValue::Array(times);
        args.number_rows = rows;
        self.engine.inner().invoke_with_args(args)?.into_array(rows)
    }

    /// The engine's answer for local times: asked once for each day, where a day is all that counts.
    fn answer(&self, args: &ScalarFunctionArgs, local: Times) -> Result<ArrayRef> {
        let Some(days) = Days::of(&local).filter(|_| counts_days(args)) else {
            return self.ask(args, Arc::new(local));
        };
        let of_days = self.ask(args, Arc::new(days.midnights()))?;
        Ok(take(&of_days, &days.positions(&local), None)?)
    }

    /// Moves truncated local times back. Where that leaves the offset that the time itself has, the engine is asked.
    fn back(&self, args: &ScalarFunctionArgs, times: &Times, ahead: &Ahead, local: &Times) -> Result<Times> {
        if let Ahead::All(span) = ahead
            && min(local).is_none_or(|first| span.holds(first - span.ahead))
        {
            return Ok(local.unary(|time| time.wrapping_sub(span.ahead)));
        }
        let mut asked: HashMap<(i64, i64), i64> = HashMap::new();
        let mut moved = Vec::with_capacity(times.len());
        for (row, local) in local.values().iter().enumerate() {
            let span = ahead.at(row);
            let time = local.wrapping_sub(span.ahead);
            if span.holds(time) || times.is_null(row) {
                moved.push(time);
                continue;
            }
            let known = asked.get(&(*local, span.ahead)).copied();
            let time = known.map_or_else(|| self.one(args, &times.slice(row, 1)), Ok)?;
            asked.insert((*local, span.ahead), time);
            moved.push(time);
        }
        Ok(Times::new(moved.into(), times.nulls().cloned()))
    }

    fn one(&self, args: &ScalarFunctionArgs, time: &Times) -> Result<i64> {
        let answer = self.ask(args, Arc::new(time.clone()))?;
        Ok(answer.as_primitive::<TimestampMicrosecondType>().value(0))
    }
}

/// The spans that the times of a batch lie in.
enum Ahead {
    All(Span),
    Each(Vec<Span>),
}

impl Ahead {
    /// `None` when one of the times is out of range. Missing times have any offset.
    fn of(times: &Times, offsets: &Offsets) -> Option<Self> {
        let (Some(first), Some(last)) = (min(times), max(times)) else { return offsets.at(0).map(Self::All) };
        let span = offsets.at(first)?;
        if span.holds(last) {
            return Some(Self::All(span));
        }
        let mut spans = Vec::with_capacity(times.len());
        let mut current = span;
        for (row, &time) in times.values().iter().enumerate() {
            if !current.holds(time) && times.is_valid(row) {
                current = offsets.at(time)?;
            }
            spans.push(current);
        }
        Some(Self::Each(spans))
    }

    fn at(&self, row: usize) -> Span {
        match self {
            Self::All(span) => *span,
            Self::Each(spans) => spans[row],
        }
    }

    fn to_local(&self, times: &Times) -> Times {
        match self {
            Self::All(span) => times.unary(|time| time.wrapping_add(span.ahead)),
            Self::Each(spans) => {
                let local = times.values().iter().zip(spans).map(|(time, span)| time.wrapping_add(span.ahead));
                Times::new(local.collect::<Vec<i64>>().into(), times.nulls().cloned())
            }
        }
    }
}

const DAY: i64 = 86_400_000_000;

/// The days from the first to the last of some local times.
struct Days {
    first: i64,
    count: usize,
}

impl Days {
    /// `None` when looking days up would not be less work than looking at the times.
    fn of(local: &Times) -> Option<Self> {
        let (first, last) = (min(local)?.div_euclid(DAY), max(local)?.div_euclid(DAY));
        let count = usize::try_from(last - first + 1).ok()?;
        (count < local.len() / 2).then_some(Self { first, count })
    }

    fn midnights(&self) -> Times {
        (self.first..).take(self.count).map(|day| day * DAY).collect::<Vec<i64>>().into()
    }

    fn positions(&self, local: &Times) -> UInt32Array {
        local.unary(|time| u32::try_from(time.div_euclid(DAY) - self.first).unwrap_or_default())
    }
}

/// Whether an answer depends on the day alone.
fn counts_days(args: &ScalarFunctionArgs) -> bool {
    let Some(ColumnarValue::Scalar(part)) = args.args.first() else { return false };
    let part = part.try_as_str().flatten().unwrap_or_default().to_lowercase();
    matches!(part.as_str(), "day" | "week" | "month" | "quarter" | "year" | "dow" | "doy" | "isodow" | "isoyear")
}

fn retyped(field: &FieldRef, ty: &DataType) -> FieldRef {
    Arc::new(Field::clone(field).with_data_type(ty.clone()))
}

impl ScalarUDFImpl for LocalFunction {
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let known = self.times(&args).and_then(|times| Some((times, Ahead::of(times, &self.zone.offsets)?)));
        let Some((times, ahead)) = known else { return self.engine.inner().invoke_with_args(args) };
        let answer = self.answer(&args, ahead.to_local(times))?;
        let Some(local) = answer.as_primitive_opt::<TimestampMicrosecondType>().filter(|_| self.gives_time) else {
            return Ok(ColumnarValue::Array(answer));
        };
        let moved = self.back(&args, times, &ahead, local)?.with_timezone(Arc::clone(&self.zone.name));
        Ok(ColumnarValue::Array(Arc::new(moved)))
    }

    // In everything else it is the engine's function.

    fn name(&self) -> &str {
        self.engine.name()
    }

    fn aliases(&self) -> &[String] {
        self.engine.aliases()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.engine.schema_name(args)
    }

    fn signature(&self) -> &Signature {
        self.engine.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.engine.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.engine.return_field_from_args(args)
    }

    fn is_strict(&self) -> bool {
        self.engine.inner().is_strict()
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.engine.simplify(args, info)
    }

    fn preimage(&self, args: &[Expr], literal: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        self.engine.preimage(args, literal, info)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.engine.output_ordering(inputs)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.engine.coerce_types(types)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.engine.documentation()
    }

    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        self.engine.inner().placement(args)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use datafusion::functions::datetime::{date_part, date_trunc};

    use super::*;

    /// An hour before and after every full hour of these years, a zone's changes among them.
    const FROM: i64 = 1_672_531_200_000_000 - 86_400_000_000;
    const HALF_HOUR: i64 = 1_800_000_000;

    fn times(zone: &str) -> ArrayRef {
        let every = (0..3 * 366 * 48).map(|n| Some(FROM + n * HALF_HOUR + n % 7 * 1_000_003));
        let odd = [None, Some(-1), Some(-86_400_000_001), Some(0)];
        Arc::new(every.chain(odd).collect::<Times>().with_timezone(zone))
    }

    fn call(function: &dyn ScalarUDFImpl, part: &str, times: &ArrayRef) -> ArrayRef {
        let part = datafusion::common::ScalarValue::from(part);
        let fields: Vec<FieldRef> = vec![
            Arc::new(Field::new("part", part.data_type(), false)),
            Arc::new(Field::new("times", times.data_type().clone(), true)),
        ];
        let known = [Some(&part), None];
        let asked = ReturnFieldArgs { arg_fields: &fields, scalar_arguments: &known };
        let return_field = function.return_field_from_args(asked).unwrap();
        let args = ScalarFunctionArgs {
            number_rows: times.len(),
            args: vec![ColumnarValue::Scalar(part), ColumnarValue::Array(Arc::clone(times))],
            arg_fields: fields,
            return_field,
            config_options: Arc::new(ConfigOptions::default()),
        };
        function.invoke_with_args(args).unwrap().into_array(times.len()).unwrap()
    }

    fn agree(engine: &Arc<ScalarUDF>, gives_time: bool, parts: &[&str]) {
        // No summer time, summer time, half hours, a midnight that is left out, months without the same offset.
        let zones = [
            "UTC",
            "Asia/Shanghai",
            "Europe/Prague",
            "America/New_York",
            "Asia/Kolkata",
            "Africa/Cairo",
            "Africa/Casablanca",
        ];
        for zone in zones {
            let known = Zone { name: zone.into(), offsets: Arc::new(Offsets::of(zone).unwrap()) };
            let ours = LocalFunction { engine: Arc::clone(engine), gives_time, zone: known };
            let times = times(zone);
            for part in parts {
                let expected = call(engine.inner().as_ref(), part, &times);
                assert_eq!(&call(&ours, part, &times), &expected, "{part} in {zone}");
                // A few times only: not by days.
                let few = times.slice(17, 40);
                assert_eq!(&call(&ours, part, &few), &expected.slice(17, 40), "{part} in {zone}");
            }
        }
    }

    #[test]
    fn times_are_truncated_as_the_engine_does() {
        agree(&date_trunc(), true, &["minute", "hour", "day", "week", "month", "quarter", "year"]);
    }

    #[test]
    fn parts_are_those_of_the_engine() {
        let parts =
            ["year", "quarter", "month", "week", "day", "doy", "dow", "isodow", "hour", "minute", "second", "epoch"];
        agree(&date_part(), false, &parts);
    }

    #[test]
    fn times_out_of_range_and_in_another_zone_are_the_engines() {
        let known = Zone { name: "Europe/Prague".into(), offsets: Arc::new(Offsets::of("Europe/Prague").unwrap()) };
        let ours = LocalFunction { engine: date_trunc(), gives_time: true, zone: known };
        let ancient: ArrayRef = Arc::new(Times::from(vec![-3_000_000_000_000_000]).with_timezone("Europe/Prague"));
        let elsewhere: ArrayRef = Arc::new(Times::from(vec![FROM]).with_timezone("Asia/Tokyo"));
        for times in [ancient, elsewhere] {
            assert_eq!(&call(&ours, "month", &times), &call(date_trunc().inner().as_ref(), "month", &times));
        }
    }
}
