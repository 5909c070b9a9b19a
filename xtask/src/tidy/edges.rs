//! Code depends only leftwards and downwards, and only a few crates compile the query engine.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Finding;
use crate::house;

/// Which crates of ours each crate may name. A new crate gets a line here when it is made.
const ALLOWED: [(&str, &[&str]); 27] = [
    ("domain", &[]),
    ("api", &["domain"]),
    ("governance", &["domain"]),
    ("store", &["domain", "governance"]),
    ("access", &["domain", "governance", "store"]),
    ("ingest", &["domain"]),
    ("collector", &["domain"]),
    ("identity", &["domain"]),
    // The made-up bank is there for its tests only.
    ("features", &["domain", "simulation"]),
    ("journeys", &[]),
    ("charts", &[]),
    ("text", &["domain"]),
    // Learning from vectors is measured beside them.
    ("embeddings", &["text"]),
    ("measurement", &[]),
    ("forecasts", &["measurement"]),
    ("models", &["domain", "measurement"]),
    ("cards", &["domain", "charts", "measurement", "models"]),
    ("decisions", &["domain", "measurement", "models"]),
    ("lake", &["domain", "governance"]),
    ("analytics", &["journeys", "lake", "text"]),
    (
        "pipelines",
        &[
            "domain",
            "governance",
            "store",
            "ingest",
            "identity",
            "features",
            "measurement",
            "forecasts",
            "models",
            "text",
            "decisions",
            "lake",
            "analytics",
        ],
    ),
    ("console-assets", &[]),
    (
        "server",
        &[
            "domain",
            "api",
            "governance",
            "store",
            "access",
            "collector",
            "features",
            "cards",
            "lake",
            "analytics",
            "pipelines",
            "console-assets",
            "wire",
        ],
    ),
    ("simulation", &[]),
    ("wire", &["domain", "governance", "access", "lake", "pipelines"]),
    (
        "cli",
        &[
            "domain",
            "governance",
            "store",
            "access",
            "ingest",
            "identity",
            "features",
            "lake",
            "analytics",
            "charts",
            "cards",
            "pipelines",
            "server",
            "simulation",
        ],
    ),
    ("xtask", &[]),
];

/// The crates that compile the query engine (`E` in ARCHITECTURE.md), today's and those to come.
pub(crate) const ENGINE_CRATES: [&str; 6] = ["lake", "pipelines", "cli", "analytics", "wire", "server"];
/// The query engine.
const ENGINE: &str = "datafusion";
/// The only crate that names Delta, and what Delta's crates start with.
const DELTA: (&str, &str) = ("lake", "deltalake");

/// Who depends on whom, by name of package.
#[derive(Default)]
pub(crate) struct Graph {
    /// Our own crates.
    members: BTreeSet<String>,
    /// Dependencies that are part of the crate or run to build it.
    built: BTreeMap<String, BTreeSet<String>>,
    /// Dependencies of its tests.
    tested: BTreeMap<String, BTreeSet<String>>,
}

/// Every edge is allowed.
pub(super) fn check(graph: &Graph) -> Vec<Finding> {
    graph.members.iter().flat_map(|member| check_member(graph, member)).collect()
}

fn check_member(graph: &Graph, member: &str) -> Vec<Finding> {
    let name = short(member);
    let place = format!("crate `{name}`");
    let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
        let mend = "say what it may depend on: a line in ALLOWED of xtask/src/tidy/edges.rs";
        return vec![Finding::new(place, "is not in the table of allowed dependencies", mend)];
    };
    let mut findings = Vec::new();
    for named in graph.named_by(member) {
        let ours = short(named);
        if graph.members.contains(named) && !allowed.contains(&ours) {
            let mend = "code depends only leftwards and downwards: move what is shared into a crate to the left, or hand it in as an argument";
            findings.push(Finding::new(&place, format!("depends on `{ours}`, which is not to its left"), mend));
        }
        if named.starts_with(DELTA.1) && name != DELTA.0 {
            let mend = "ask `lake` for what is needed; it is the only crate that names Delta";
            findings.push(Finding::new(&place, format!("names `{named}`"), mend));
        }
    }
    if let Some(path) = graph.path_to_engine(member).filter(|_| !ENGINE_CRATES.contains(&name)) {
        let mend = "keep the query engine out of the everyday crates: move the part that needs it to an `E` crate";
        findings.push(Finding::new(&place, format!("compiles the query engine: {}", path.join(" → ")), mend));
    }
    findings
}

/// Whether there is a crate of ours of that name (without `florin-`).
pub(crate) fn is_member(name: &str) -> bool {
    house::root().join("crates").join(name).join("Cargo.toml").is_file()
}

fn short(package: &str) -> &str {
    package.strip_prefix("florin-").unwrap_or(package)
}

impl Graph {
    /// As cargo sees it, with every feature on.
    ///
    /// # Errors
    /// When cargo cannot say.
    pub(super) fn of_the_house() -> Result<Self> {
        let mut command = house::cargo();
        command.args(["metadata", "--format-version", "1", "--all-features"]);
        let metadata = house::output(&mut command)?;
        Ok(Self::from(serde_json::from_str::<Metadata>(&metadata).context("cargo metadata has another shape")?))
    }

    /// What a crate's manifest names, for the crate or its tests.
    fn named_by(&self, package: &str) -> BTreeSet<&str> {
        let kinds = [&self.built, &self.tested];
        kinds.into_iter().filter_map(|edges| edges.get(package)).flatten().map(String::as_str).collect()
    }

    /// A chain of dependencies from a crate (or its tests) to the engine.
    fn path_to_engine(&self, member: &str) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<String, String> = BTreeMap::new();
        let mut open: Vec<String> = self.named_by(member).into_iter().map(str::to_owned).collect();
        open.iter().for_each(|name| drop(came_from.insert(name.clone(), member.to_owned())));
        while let Some(name) = open.pop() {
            if name == ENGINE {
                return Some(walk_back(&came_from, member));
            }
            for next in self.built.get(&name).into_iter().flatten() {
                if next != member && !came_from.contains_key(next) {
                    came_from.insert(next.clone(), name.clone());
                    open.push(next.clone());
                }
            }
        }
        None
    }
}

fn walk_back(came_from: &BTreeMap<String, String>, member: &str) -> Vec<String> {
    let mut path = vec![ENGINE.to_owned()];
    while let Some(before) = path.last().filter(|last| *last != member).and_then(|last| came_from.get(last)) {
        path.push(before.clone());
    }
    path.reverse();
    path
}

/// The part of `cargo metadata` that is read here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `null`, `build` or `dev`.
    kind: Option<String>,
}

impl From<Metadata> for Graph {
    fn from(metadata: Metadata) -> Self {
        let names: BTreeMap<&str, &str> = metadata.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
        let name = |id: &str| names.get(id).copied().unwrap_or(id).to_owned();
        let mut graph =
            Self { members: metadata.workspace_members.iter().map(|id| name(id)).collect(), ..Self::default() };
        for node in &metadata.resolve.nodes {
            for dependency in &node.deps {
                let only_tests = dependency.dep_kinds.iter().all(|kind| kind.kind.as_deref() == Some("dev"));
                let edges = if only_tests { &mut graph.tested } else { &mut graph.built };
                edges.entry(name(&node.id)).or_default().insert(name(&dependency.pkg));
            }
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(members: &[&str], built: &[(&str, &str)], tested: &[(&str, &str)]) -> Graph {
        let edges = |pairs: &[(&str, &str)]| {
            let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (from, to) in pairs {
                edges.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            }
            edges
        };
        Graph { members: members.iter().map(|m| (*m).to_owned()).collect(), built: edges(built), tested: edges(tested) }
    }

    fn problems(graph: &Graph) -> Vec<String> {
        check(graph).into_iter().map(|finding| format!("{} {}", finding.place, finding.problem)).collect()
    }

    #[test]
    fn the_house_as_designed_passes() {
        let members = ["florin-domain", "florin-governance", "florin-lake"];
        let built = [
            ("florin-governance", "florin-domain"),
            ("florin-lake", "florin-governance"),
            ("florin-lake", "deltalake-core"),
            ("deltalake-core", "datafusion"),
        ];
        assert_eq!(problems(&graph(&members, &built, &[])), Vec::<String>::new());
    }

    #[test]
    fn an_edge_to_the_right_is_found_also_in_tests() {
        let members = ["florin-domain", "florin-store", "florin-ingest"];
        let found =
            problems(&graph(&members, &[("florin-domain", "florin-store")], &[("florin-ingest", "florin-store")]));
        assert_eq!(
            found,
            [
                "crate `domain` depends on `store`, which is not to its left",
                "crate `ingest` depends on `store`, which is not to its left",
            ]
        );
    }

    #[test]
    fn the_engine_is_found_through_other_crates_and_through_tests() {
        let built = [("florin-store", "helper"), ("helper", "datafusion")];
        let found = problems(&graph(&["florin-store", "florin-ingest"], &built, &[("florin-ingest", "helper")]));
        assert_eq!(
            found,
            [
                "crate `ingest` compiles the query engine: florin-ingest → helper → datafusion",
                "crate `store` compiles the query engine: florin-store → helper → datafusion",
            ]
        );
    }

    #[test]
    fn the_tests_of_a_dependency_do_not_count() {
        let built = [("florin-store", "helper")];
        assert_eq!(problems(&graph(&["florin-store"], &built, &[("helper", "datafusion")])), Vec::<String>::new());
    }

    #[test]
    fn only_lake_names_delta() {
        let found = problems(&graph(&["florin-pipelines"], &[("florin-pipelines", "deltalake-core")], &[]));
        assert_eq!(found, ["crate `pipelines` names `deltalake-core`"]);
    }

    #[test]
    fn a_new_crate_must_be_given_its_place() {
        assert_eq!(
            problems(&graph(&["florin-misc"], &[], &[])),
            ["crate `misc` is not in the table of allowed dependencies"]
        );
    }

    #[test]
    fn cargo_metadata_is_read() {
        let json = r#"{"packages":[{"id":"a 1","name":"florin-a"},{"id":"b 1","name":"b"},{"id":"c 1","name":"c"}],
            "workspace_members":["a 1"],
            "resolve":{"nodes":[{"id":"a 1","deps":[
                {"pkg":"b 1","dep_kinds":[{"kind":"dev"}]},{"pkg":"c 1","dep_kinds":[{"kind":"dev"},{"kind":null}]}]}]}}"#;
        let graph = Graph::from(serde_json::from_str::<Metadata>(json).expect("valid"));
        assert!(graph.members.contains("florin-a"));
        assert!(graph.tested["florin-a"].contains("b"));
        assert!(graph.built["florin-a"].contains("c"));
    }
}
