//! Every bound of the server.

use std::time::Duration;

/// Requests of the API that are answered at once; more are told to come back.
pub(crate) const REQUESTS_MAX: usize = 64;
/// How long an answer may take.
pub(crate) const REQUEST_SECONDS_MAX: Duration = Duration::from_secs(300);
/// The longest body.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// Requests of one user a second, and how many at once after a pause.
pub(crate) const USER_RATE: (u32, u32) = (50, 200);
/// Rows of an answer when nobody says.
pub(crate) const ROWS_DEFAULT: usize = 1_000;
/// Rows of an answer at most.
pub(crate) const ROWS_MAX: usize = 10_000;
/// Customers of a page when nobody says.
pub(crate) const PAGE_DEFAULT: u32 = 100;
/// Customers of a page at most.
pub(crate) const PAGE_MAX: u32 = 1_000;
/// Jobs that wait or run.
pub(crate) const JOBS_OPEN_MAX: usize = 100;
/// Jobs that are listed.
pub(crate) const JOBS_LISTED: u32 = 200;
/// How often a job is begun again after servers stopped in the middle of it.
pub(crate) const JOB_BEGINNINGS_MAX: u32 = 3;
/// How long a job waits for another process that has the lake, such as a load by the command line.
pub(crate) const JOB_WAITS_MAX: Duration = Duration::from_secs(1_800);
/// How often it looks whether it has its turn.
pub(crate) const JOB_LOOKS_EVERY: Duration = Duration::from_millis(500);
/// How often a job that goes on is told of.
pub(crate) const JOB_TOLD_EVERY: Duration = Duration::from_millis(250);
/// How long requests may go on after the server was told to end.
pub(crate) const ENDING_SECONDS_MAX: Duration = Duration::from_secs(20);
/// How long the loader of events waits after something failed.
pub(crate) const LOADER_PAUSE: Duration = Duration::from_secs(5);
/// The longest text of a dashboard.
pub(crate) const DASHBOARD_BYTES_MAX: usize = 256 * 1024;
