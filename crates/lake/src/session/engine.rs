//! The engine of a session: its settings, and its rules with ours.

use std::sync::Arc;

use datafusion::{
    execution::{
        FunctionRegistry as _, SessionStateBuilder, context::SessionContext, memory_pool::GreedyMemoryPool,
        runtime_env::RuntimeEnvBuilder,
    },
    physical_optimizer::{PhysicalOptimizerRule, optimizer::PhysicalOptimizer},
    prelude::SessionConfig,
};

use super::{CATALOG, SCHEMA};
use crate::{
    Lake, LakeError, by_run::AggregatesByRun, local_time::InLocalTime, narrow::Aggregates, read::DeclareBuckets,
    running::RunningWindows,
};

/// Memory one session's queries may hold before they spill to disk or fail.
const QUERY_BYTES_MAX: usize = 6 << 30;

pub(crate) fn engine(lake: &Lake, threads: usize) -> Result<SessionContext, LakeError> {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads.max(1))
        .with_information_schema(true)
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false);
    config.options_mut().execution.time_zone = Some("UTC".to_owned());
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(QUERY_BYTES_MAX)))
        .with_cache_manager(lake.footers().shared())
        .build_arc()?;
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_physical_optimizer_rules(physical_rules())
        .with_query_planner(Arc::new(Aggregates))
        .build();
    let mut context = SessionContext::new_with_state(state);
    if let Some(local_time) = InLocalTime::new(lake.time_zone()) {
        context.register_function_rewrite(Arc::new(local_time))?;
    }
    let url = crate::read::store_url_of(lake.location())?;
    context.register_object_store(url.as_ref(), Arc::clone(lake.location().store()));
    Ok(context)
}

type PhysicalRule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The engine's rules, with ours: buckets are declared before it decides where to repartition and sort; running windows and
/// aggregates by run take its place after all else.
fn physical_rules() -> Vec<PhysicalRule> {
    let mut rules = PhysicalOptimizer::new().rules;
    let decides = rules.iter().position(|r| r.name() == "EnsureRequirements" || r.name() == "EnforceDistribution");
    rules.insert(decides.unwrap_or_default(), Arc::new(DeclareBuckets));
    let checks = rules.iter().position(|r| r.name() == "SanityCheckPlan");
    let last = checks.unwrap_or(rules.len());
    rules.insert(last, Arc::new(AggregatesByRun));
    rules.insert(last, Arc::new(RunningWindows));
    rules
}
