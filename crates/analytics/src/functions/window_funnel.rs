//! `window_funnel(window, [mode, …], ts, condition, …)`: the deepest step reached, as ClickHouse's `windowFunnel`.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array},
    datatypes::DataType,
};
use datafusion::{
    common::{Result, ScalarValue, exec_datafusion_err, exec_err, plan_err},
    logical_expr::function::AccumulatorArgs,
};
use florin_journeys::{
    Window,
    funnel::{FunnelLevel, FunnelSettings, Modes, Order},
};

use super::{
    aggregate::Kind,
    arguments::{condition_types, is_text, span, span_type, text, time_type},
    gathered::{Fold, keep, sorted},
    input::Places,
};

const NAME: &str = "window_funnel";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct WindowFunnel;

#[derive(Debug)]
pub(super) struct Level {
    level: FunnelLevel,
    /// Rows that meet no condition matter too.
    all_rows: bool,
}

impl Kind for WindowFunnel {
    type Fold = Level;

    const NAME: &'static str = NAME;

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let modes = types.iter().skip(1).take_while(|ty| is_text(ty)).count();
        let (Some(window), Some(time)) = (types.first(), types.get(1 + modes)) else {
            return plan_err!("{NAME}: write {NAME}(window, ts, condition, …), with modes as texts behind the window");
        };
        let mut coerced = vec![span_type(NAME, "window", window)?];
        coerced.extend(vec![DataType::Utf8; modes]);
        coerced.push(time_type(NAME, time)?);
        coerced.extend(condition_types(NAME, &types[2 + modes..])?);
        Ok(coerced)
    }

    fn answer(&self) -> DataType {
        DataType::Int64
    }

    fn nothing(&self) -> Option<ScalarValue> {
        Some(ScalarValue::Int64(Some(0)))
    }

    fn fold(&self, args: &AccumulatorArgs<'_>) -> Result<(Level, Places)> {
        let time = 1 + args.expr_fields.iter().skip(1).take_while(|f| is_text(f.data_type())).count();
        let (Some(ty), Some(window)) = (args.expr_fields.get(time), args.exprs.first()) else {
            return exec_err!("{NAME}: there is no time");
        };
        let mut modes = Modes::default();
        for mode in &args.exprs[1..time] {
            set(&mut modes, &text(NAME, "mode", mode)?)?;
        }
        let mut asked = FunnelSettings::new(args.exprs.len() - time - 1);
        asked.order = Order::WindowFunnel(modes);
        asked.window = Window::Micros(span(NAME, "window", window, ty.data_type())?);
        let level = FunnelLevel::new(&asked).map_err(|e| exec_datafusion_err!("{NAME}: {e}"))?;
        Ok((Level { level, all_rows: modes.strict_order }, Places { time: Some(time), conditions: time + 1 }))
    }
}

/// One mode, or several with commas between them.
fn set(modes: &mut Modes, text: &str) -> Result<()> {
    for name in text.split(',').map(str::trim) {
        match name {
            "strict_deduplication" => modes.strict_deduplication = true,
            "strict_order" => modes.strict_order = true,
            "strict_increase" => modes.strict_increase = true,
            "strict_once" => modes.strict_once = true,
            "allow_reentry" => modes.allow_reentry = true,
            _ => {
                return exec_err!(
                    "{NAME}: there is no mode `{name}`; there are strict_order, strict_deduplication, strict_increase, strict_once and allow_reentry"
                );
            }
        }
    }
    Ok(())
}

impl Fold for Level {
    fn take(&self, kept: &mut Vec<i64>, ts: i64, bits: u32) {
        if bits != 0 || self.all_rows {
            keep(kept, ts, bits);
        }
    }

    fn absorb(&self, kept: &mut Vec<i64>, other: &[i64]) {
        kept.extend_from_slice(other);
    }

    fn value(&mut self, kept: &mut [i64]) -> Result<i64> {
        let rows = sorted(kept).iter().map(|[ts, bits]| (*ts, bits.cast_unsigned()));
        let level = self.level.of(rows).map_err(|e| exec_datafusion_err!("{NAME}: {e}"))?;
        Ok(i64::try_from(level).unwrap_or_default())
    }

    fn column(&self, values: Vec<i64>) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(values)))
    }
}
