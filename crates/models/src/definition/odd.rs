//! Whether definitions with and without a label hold up: the odd ones are looked for without one, and all else is learnt from one.

use toml::Spanned;

use super::{
    LearnerDef, ModelFile,
    check::Checker,
    isolation::{SAMPLE_MAX, SHARES, TREES_MAX},
};

impl Checker<'_> {
    /// Settings of an isolation forest, and guards that need a label.
    pub(super) fn odd(&mut self, written: &ModelFile) {
        let LearnerDef::Isolation(def) = written.learner.get_ref() else { return };
        let place = Some(&written.learner);
        let settings = def.settings();
        if !(1..=TREES_MAX).contains(&settings.trees) {
            self.wrong(place, format!("a forest of {} trees", settings.trees), format!("it is from 1 to {TREES_MAX}"));
        }
        if !(2..=SAMPLE_MAX).contains(&settings.sample) {
            let message = format!("trees that are grown from {} rows", settings.sample);
            self.wrong(place, message, format!("it is from 2 to {SAMPLE_MAX}; 256 is usual"));
        }
        if !SHARES.contains(&def.share()) {
            let message = format!("a share of {} is flagged", def.share());
            self.wrong(place, message, format!("it is from {} to {}", SHARES.start(), SHARES.end()));
        }
        let labelled = written.label.is_some() || written.table.as_ref().is_some_and(|t| t.get_ref().label.is_some());
        if let Some(guards) = written.guards.as_ref().filter(|guards| guards.get_ref().auc_min.is_some() && !labelled) {
            let help = "say in `[label]` (of a table in `label`) who turned out to be odd, or take the guard away";
            self.wrong(Some(guards), "`auc_min` compares with what happened, and nothing says what did", help);
        }
    }

    /// Everything but an isolation forest learns from a label.
    pub(super) fn labelled<T>(&mut self, written: &ModelFile, place: &Spanned<T>, missing: &str, help: &str) {
        if !matches!(written.learner.get_ref(), LearnerDef::Isolation(_)) {
            let message = format!("model `{}` has no {missing}", written.name.get_ref());
            self.wrong(Some(place), message, help);
        }
    }
}
