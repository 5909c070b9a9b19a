//! What the server counts, in the words of Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use florin_collector::Collector;

/// Upper ends of the buckets of how long requests took, in seconds.
const BUCKETS: [f64; 9] = [0.005, 0.02, 0.05, 0.15, 0.5, 1.0, 2.0, 10.0, 60.0];

/// Counts of requests. There are as many as routes times statuses.
#[derive(Default)]
pub(crate) struct Figures(Mutex<BTreeMap<(&'static str, u16), Route>>);

#[derive(Default, Clone)]
struct Route {
    requests: u64,
    seconds: f64,
    buckets: [u64; BUCKETS.len()],
}

impl Figures {
    /// Counts an answer of a route.
    pub(crate) fn count(&self, route: &'static str, status: u16, took: Duration) {
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = routes.entry((route, status)).or_default();
        of.requests += 1;
        of.seconds += took.as_secs_f64();
        for (bucket, _) in of.buckets.iter_mut().zip(BUCKETS).filter(|(_, end)| took.as_secs_f64() <= *end) {
            *bucket += 1;
        }
    }

    /// Everything, in the text format 0.0.4.
    pub(crate) fn text(&self, collector: Option<&Collector>, jobs: usize) -> String {
        let routes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = String::from("# TYPE florin_request_seconds histogram\n");
        for ((route, status), of) in &routes {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (end, count) in BUCKETS.iter().zip(of.buckets) {
                let _ = writeln!(text, "florin_request_seconds_bucket{{{labels},le=\"{end}\"}} {count}");
            }
            let _ = writeln!(text, "florin_request_seconds_bucket{{{labels},le=\"+Inf\"}} {}", of.requests);
            let _ = writeln!(text, "florin_request_seconds_sum{{{labels}}} {:.6}", of.seconds);
            let _ = writeln!(text, "florin_request_seconds_count{{{labels}}} {}", of.requests);
        }
        let _ = writeln!(text, "# TYPE florin_jobs_open gauge\nflorin_jobs_open {jobs}");
        for (name, value) in collector.map(|collector| collector.figures().named()).unwrap_or_default() {
            let _ = writeln!(text, "{name} {value}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let figures = Figures::default();
        for millis in [1, 10, 100, 100_000] {
            figures.count("sql", 200, Duration::from_millis(millis));
        }
        let text = figures.text(None, 3);
        for line in [
            "florin_request_seconds_bucket{route=\"sql\",status=\"200\",le=\"0.005\"} 1",
            "florin_request_seconds_bucket{route=\"sql\",status=\"200\",le=\"0.15\"} 3",
            "florin_request_seconds_bucket{route=\"sql\",status=\"200\",le=\"+Inf\"} 4",
            "florin_request_seconds_count{route=\"sql\",status=\"200\"} 4",
            "florin_jobs_open 3",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
