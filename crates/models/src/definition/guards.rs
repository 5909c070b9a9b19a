//! Limits that hold a version back: `[guards]`.

use serde::{Deserialize, Serialize};

use super::Task;

/// What a model must reach before it may be released; a limit that is not written does not hold it back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// Area under the ROC curve on the test.
    #[serde(default)]
    pub auc_min: Option<f64>,
    /// How much the AUC must exceed that of the plain baseline.
    #[serde(default)]
    pub auc_above_baseline_min: Option<f64>,
    /// Expected calibration error on the test.
    #[serde(default)]
    pub calibration_error_max: Option<f64>,
    /// Area under the ROC curve on the test in each group that is large enough to be judged.
    #[serde(default)]
    pub group_auc_min: Option<f64>,
    /// The smallest ratio of selection rates between groups.
    #[serde(default)]
    pub selection_ratio_min: Option<f64>,
    /// Population stability index of scores between training and test.
    #[serde(default)]
    pub stability_index_max: Option<f64>,
    /// Of a model of effects: area between its Qini curve and a straight line, as a share of that of a perfect order.
    #[serde(default)]
    pub qini_min: Option<f64>,
    /// Of a model of effects: the effect among the tenth that it puts first, less the effect on all.
    #[serde(default)]
    pub top_tenth_above_all_min: Option<f64>,
    /// Of a model of times: concordance on the test.
    #[serde(default)]
    pub concordance_min: Option<f64>,
    /// Of a model of times: how much its concordance must exceed that of the plain baseline.
    #[serde(default)]
    pub concordance_above_baseline_min: Option<f64>,
    /// Of a model of texts: share of right verdicts on the test.
    #[serde(default)]
    pub accuracy_min: Option<f64>,
    /// Of a model of texts: mean of the classes' F1 on the test.
    #[serde(default)]
    pub macro_f1_min: Option<f64>,
    /// Of a model of texts: how much its accuracy must exceed that of always saying the most frequent label.
    #[serde(default)]
    pub accuracy_above_baseline_min: Option<f64>,
    /// Of a model of texts: F1 of each class that has enough texts to be judged.
    #[serde(default)]
    pub class_f1_min: Option<f64>,
    /// Of a forecast: mean absolute percentage error of back-tests, as a share.
    #[serde(default)]
    pub mape_max: Option<f64>,
    /// Of a forecast: mean error of back-tests over that of saying what was a week before, on the days known before them.
    #[serde(default)]
    pub mase_max: Option<f64>,
    /// Of a forecast: how often intervals held what happened in back-tests.
    #[serde(default)]
    pub coverage_min: Option<f64>,
    /// Of a forecast: by what share errors of back-tests are below those of saying what was a week before; 0 when absent.
    #[serde(default)]
    pub skill_min: Option<f64>,
    /// Of an isolation forest: of the rows it flags, the share that forests of other seeds flag too.
    #[serde(default)]
    pub agreement_min: Option<f64>,
    /// Of an isolation forest: the share of the test that it flags.
    #[serde(default)]
    pub flagged_share_max: Option<f64>,
    /// Whether a leak that was found holds the model back; it does when absent.
    #[serde(default)]
    pub leaks_allowed: bool,
}

/// A limit as it is written, with what it may be and what kinds of model it is for.
pub(super) struct Limit {
    pub(super) name: &'static str,
    pub(super) value: Option<f64>,
    /// The least it may be; 1 is the most.
    pub(super) least: f64,
    pub(super) of: &'static [Task],
}

impl Guards {
    /// All limits that are shares or figures from so much to 1.
    pub(super) fn limits(&self) -> Vec<Limit> {
        use Task::{Chance, Effect, Odd, Series, Text, Time};
        let limit = |name, value, least, of| Limit { name, value, least, of };
        vec![
            limit("auc_min", self.auc_min, 0.5, &[Chance, Time, Odd]),
            limit("auc_above_baseline_min", self.auc_above_baseline_min, 0.0, &[Chance]),
            limit("group_auc_min", self.group_auc_min, 0.5, &[Chance, Time]),
            limit("calibration_error_max", self.calibration_error_max, 0.0, &[Chance, Time, Text]),
            limit("selection_ratio_min", self.selection_ratio_min, 0.0, &[Chance, Time]),
            limit("qini_min", self.qini_min, 0.0, &[Effect]),
            limit("top_tenth_above_all_min", self.top_tenth_above_all_min, 0.0, &[Effect]),
            limit("concordance_min", self.concordance_min, 0.5, &[Time]),
            limit("accuracy_min", self.accuracy_min, 0.0, &[Text]),
            limit("macro_f1_min", self.macro_f1_min, 0.0, &[Text]),
            limit("accuracy_above_baseline_min", self.accuracy_above_baseline_min, 0.0, &[Text]),
            limit("class_f1_min", self.class_f1_min, 0.0, &[Text]),
            limit("mape_max", self.mape_max, 0.0, &[Series]),
            limit("mase_max", self.mase_max, 0.0, &[Series]),
            limit("coverage_min", self.coverage_min, 0.0, &[Series]),
            limit("skill_min", self.skill_min, 0.0, &[Series]),
            limit("agreement_min", self.agreement_min, 0.0, &[Odd]),
            limit("flagged_share_max", self.flagged_share_max, 0.0, &[Odd]),
            limit("concordance_above_baseline_min", self.concordance_above_baseline_min, 0.0, &[Time]),
        ]
    }
}
