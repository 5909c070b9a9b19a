//! Progress bars on standard error.

use std::sync::{Mutex, PoisonError};

use florin_pipelines::load::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// One bar at a time; nothing where standard error is not a terminal.
#[derive(Default)]
pub(crate) struct Bars {
    current: Mutex<Option<ProgressBar>>,
}

impl Progress for Bars {
    fn begin(&self, step: &str, unit: &'static str, total: Option<u64>) {
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(bar_style(unit)),
            None => ProgressBar::new_spinner().with_style(spinner_style(unit)),
        };
        bar.set_message(step.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn advance(&self, units: u64) {
        if let Some(bar) = self.current.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            bar.inc(units);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.current.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}

fn bar_style(unit: &str) -> ProgressStyle {
    let numbers =
        if unit == "bytes" { "{bytes}/{total_bytes} {bytes_per_sec}" } else { "{human_pos}/{human_len} rows" };
    let template = format!("{{msg:36}} {{wide_bar:.cyan/blue}} {numbers} {{eta}}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn spinner_style(unit: &str) -> ProgressStyle {
    let template = format!("{{spinner}} {{msg:36}} {{human_pos}} {unit} {{elapsed}}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
