//! A link in a document leads somewhere.

use std::collections::BTreeSet;

use super::{File, Finding};

/// Every relative link or picture of a Markdown file names a file or folder of the checkout.
pub(super) fn check(files: &[File], paths: &[String]) -> Vec<Finding> {
    let targets = targets(paths);
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    documents.flat_map(|file| broken(file, &targets)).collect()
}

/// All files, and all folders above them.
fn targets(paths: &[String]) -> BTreeSet<&str> {
    let above = |path: &'_ String| path.match_indices('/').map(|(at, _)| at).collect::<Vec<_>>();
    let folders = paths.iter().flat_map(|path| above(path).into_iter().map(|at| &path[..at]));
    folders.chain(paths.iter().map(String::as_str)).collect()
}

fn broken(file: &File, targets: &BTreeSet<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fenced = false;
    for (n, line) in file.text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        for link in links(line).into_iter().filter(|_| !fenced) {
            if !resolve(&file.path, link).is_some_and(|target| target.is_empty() || targets.contains(target.as_str())) {
                let mend = "mend the link; it is relative to the document it stands in";
                findings.push(Finding::at(file, n, format!("`{link}` leads nowhere"), mend));
            }
        }
    }
    findings
}

/// What stands in `](…)` and `src="…"`, without anchors; not links to other sites.
fn links(line: &str) -> Vec<&str> {
    let markdown = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let pictures = line.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let all = markdown.chain(pictures).filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
    all.filter_map(|link| link.split('#').next()).filter(|link| !link.is_empty()).collect()
}

/// The link as a path from the root; `None` when it leaves the checkout.
fn resolve(document: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fixture, places},
        *,
    };

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text = "[a](../README.md#top) [b](lake.md)\n[c](keys.md)\n[d](https://example.org/x) [e](#here)\n\
                    [f](../../outside.md) <img src=\"../pictures/no.svg\">\n```\n[g](nothing.md)\n```\n[h](../docs/)\n";
        let paths = ["README.md", "docs/a.md", "docs/lake.md"].map(str::to_owned);
        let findings = check(&[fixture("docs/a.md", text)], &paths);
        assert_eq!(places(&findings), ["docs/a.md:2", "docs/a.md:4", "docs/a.md:4"]);
    }
}
