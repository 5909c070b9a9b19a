//! The operators that are taken: what a node becomes, and what it does.

pub(super) mod arithmetic;
pub(super) mod columns;
pub(super) mod ensemble;
pub(super) mod linear;
pub(super) mod real;
pub(super) mod shape;

use arithmetic::{Binary, Compare, Unary};
use columns::{Imputer, LabelEncoder, Norm, OneHot, Scaler};
use ensemble::Ensemble;
use linear::Linear;

use super::{
    attributes::Attributes,
    budget::Budget,
    proto::{NodeProto, element},
    scores::{Finish, Second, Transform},
    tensor::{Data, Tensor},
    wire::Read,
};

/// The domain of operators for classical models.
pub(super) const ML: &str = "ai.onnx.ml";

/// What a value is cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    Float,
    Double,
    Int,
    Bool,
    Text,
}

/// One step of a graph, with one output.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operator {
    /// The first input as it is.
    Same,
    Cast(To),
    Unary(Unary),
    /// Of two inputs or more, from the left.
    Binary(Binary),
    Compare(Compare),
    Where,
    /// Bounds come as inputs.
    Clip,
    Concat(i64),
    Reshape,
    Flatten(i64),
    /// Dimensions as an attribute, else as an input.
    Squeeze(Vec<i64>),
    Unsqueeze(Vec<i64>),
    ReduceSum {
        axes: Vec<i64>,
        keep: bool,
        keep_when_none: bool,
    },
    ArgMax {
        axis: i64,
        keep: bool,
    },
    Softmax {
        axis: i64,
        flattens: bool,
    },
    MatMul,
    Gemm {
        alpha: f64,
        beta: f64,
        turned: bool,
    },
    BatchNormalization(f64),
    Scaler(Scaler),
    Imputer(Imputer),
    OneHot(OneHot),
    LabelEncoder(LabelEncoder),
    Normalizer(Norm),
    Extract,
    /// Columns side by side.
    Vectorize,
    Linear(Linear),
    Ensemble(Box<Ensemble>),
    Finish(Finish),
}

/// What a node becomes.
pub(super) enum Made {
    /// One step, for the first output.
    Step(Operator),
    /// Raw scores and what is made of them, for one of the outputs.
    Scored { raw: Operator, finish: Finish, output: usize },
}

impl Operator {
    /// Reads a node, in the version of its operators.
    pub(super) fn of(node: &NodeProto<'_>, version: i64) -> Read<Made> {
        let attributes = Attributes::of(node);
        let step = match (node.domain, node.operator) {
            (ML, operator) => return classical(operator, attributes),
            ("", operator) => plain(operator, attributes, version)?,
            _ => return Err("it is of a domain that is not known".to_owned()),
        };
        Ok(Made::Step(step))
    }

    /// Texts that it tells apart.
    pub(super) fn levels(&self) -> Vec<String> {
        match self {
            Self::OneHot(one_hot) => one_hot.levels(),
            Self::LabelEncoder(encoder) => encoder.levels(),
            _ => Vec::new(),
        }
    }

    /// Whether it copies its first input as it is, before or beside anything else.
    fn copies(&self) -> bool {
        matches!(
            self,
            Self::Same
                | Self::Binary(_)
                | Self::Cast(_)
                | Self::Reshape
                | Self::Flatten(_)
                | Self::Squeeze(_)
                | Self::Unsqueeze(_)
                | Self::ReduceSum { .. }
                | Self::Finish(_)
        )
    }

    pub(super) fn run(&self, inputs: &[Option<&Tensor>], budget: &mut Budget) -> Read<Tensor> {
        let input = |at: usize| inputs.get(at).copied().flatten();
        let need = |at: usize| input(at).ok_or_else(|| format!("its input {at} is not given"));
        let x = need(0)?;
        if self.copies() {
            budget.room_of(&x.shape, &x.data)?;
        }
        match self {
            Self::Same => Ok(x.clone()),
            Self::Cast(to) => to.cast(x, budget),
            Self::Unary(unary) => unary.run(x, budget),
            Self::Binary(binary) => {
                let mut sum = x.clone();
                for at in 1..inputs.len() {
                    sum = binary.run(&sum, need(at)?, budget)?;
                }
                Ok(sum)
            }
            Self::Compare(compare) => compare.run(x, need(1)?, budget),
            Self::Where => arithmetic::choose(x, need(1)?, need(2)?, budget),
            Self::Clip => {
                let bound = |at: usize, otherwise: f64| match input(at) {
                    Some(bound) => single(bound),
                    None => Ok(otherwise),
                };
                Unary::Clip(bound(1, f64::NEG_INFINITY)?, bound(2, f64::INFINITY)?).run(x, budget)
            }
            Self::Concat(axis) => {
                let parts = (0..inputs.len()).map(need).collect::<Read<Vec<_>>>()?;
                shape::concat(&parts, *axis, budget)
            }
            Self::Vectorize => {
                let parts = (0..inputs.len()).map(need).collect::<Read<Vec<_>>>()?;
                shape::concat(&parts, 1, budget)
            }
            Self::Reshape => shape::reshape(x, need(1)?.ints()?),
            Self::Flatten(axis) => shape::flatten(x, *axis),
            Self::Squeeze(axes) => shape::squeeze(x, input(1).map_or(Ok(&axes[..]), Tensor::ints)?),
            Self::Unsqueeze(axes) => shape::unsqueeze(x, input(1).map_or(Ok(&axes[..]), Tensor::ints)?),
            Self::ReduceSum { axes, keep, keep_when_none } => {
                let axes = input(1).map_or(Ok(&axes[..]), Tensor::ints)?;
                match axes.is_empty() && *keep_when_none {
                    true => Ok(x.clone()),
                    false => shape::reduce_sum(x, axes, *keep, budget),
                }
            }
            Self::ArgMax { axis, keep } => shape::arg_max(x, *axis, *keep, budget),
            Self::Softmax { axis, flattens } => shape::soft_max(x, *axis, *flattens, budget),
            Self::MatMul => linear::mat_mul(x, need(1)?, budget),
            Self::Gemm { alpha, beta, turned } => {
                let product = linear::gemm(x, need(1)?, *turned, *alpha, budget)?;
                let Some(added) = input(2) else { return Ok(product) };
                let beta = Tensor::new(Vec::new(), Data::F32(vec![*beta as f32]));
                Binary::Add.run(&product, &Binary::Mul.run(added, &beta, budget)?, budget)
            }
            Self::BatchNormalization(epsilon) => {
                linear::normalise(x, [need(1)?, need(2)?, need(3)?, need(4)?], *epsilon, budget)
            }
            Self::Scaler(scaler) => scaler.run(x, budget),
            Self::Imputer(imputer) => imputer.run(x, budget),
            Self::OneHot(one_hot) => one_hot.run(x, budget),
            Self::LabelEncoder(encoder) => encoder.run(x, budget),
            Self::Normalizer(norm) => norm.run(x, budget),
            Self::Extract => columns::extract(x, need(1)?, budget),
            Self::Linear(linear) => linear.run(x, budget),
            Self::Ensemble(ensemble) => ensemble.run(x, budget),
            Self::Finish(finish) => finish.run(x),
        }
    }
}

fn single(tensor: &Tensor) -> Read<f64> {
    let values = tensor.wide()?;
    values.first().copied().ok_or_else(|| "a bound is empty".to_owned())
}

fn plain(operator: &str, attributes: Attributes<'_>, version: i64) -> Read<Operator> {
    let axes = || attributes.ints("axes").to_vec();
    let keep = || attributes.int("keepdims", 1) != 0;
    Ok(match operator {
        "Identity" | "Dropout" => Operator::Same,
        "Cast" => Operator::Cast(To::of(attributes.int("to", 0))?),
        "Relu" => Operator::Unary(Unary::Relu),
        "LeakyRelu" => Operator::Unary(Unary::LeakyRelu(f64::from(attributes.float("alpha", 0.01)))),
        "Sigmoid" => Operator::Unary(Unary::Sigmoid),
        "Tanh" => Operator::Unary(Unary::Tanh),
        "Exp" => Operator::Unary(Unary::Exp),
        "Log" => Operator::Unary(Unary::Log),
        "Neg" => Operator::Unary(Unary::Neg),
        "Sqrt" => Operator::Unary(Unary::Sqrt),
        "Abs" => Operator::Unary(Unary::Abs),
        "Clip" if version < 11 => Operator::Unary(Unary::Clip(
            f64::from(attributes.float("min", f32::MIN)),
            f64::from(attributes.float("max", f32::MAX)),
        )),
        "Clip" => Operator::Clip,
        "Add" | "Sum" => Operator::Binary(Binary::Add),
        "Sub" => Operator::Binary(Binary::Sub),
        "Mul" => Operator::Binary(Binary::Mul),
        "Div" => Operator::Binary(Binary::Div),
        "Less" => Operator::Compare(Compare::Less),
        "LessOrEqual" => Operator::Compare(Compare::LessOrEqual),
        "Greater" => Operator::Compare(Compare::Greater),
        "GreaterOrEqual" => Operator::Compare(Compare::GreaterOrEqual),
        "Equal" => Operator::Compare(Compare::Equal),
        "Where" => Operator::Where,
        "Concat" => Operator::Concat(attributes.int("axis", 1)),
        "Reshape" if attributes.int("allowzero", 0) == 0 => Operator::Reshape,
        "Flatten" => Operator::Flatten(attributes.int("axis", 1)),
        "Squeeze" => Operator::Squeeze(axes()),
        "Unsqueeze" => Operator::Unsqueeze(axes()),
        "ReduceSum" => Operator::ReduceSum {
            axes: axes(),
            keep: keep(),
            keep_when_none: attributes.int("noop_with_empty_axes", 0) != 0,
        },
        "ArgMax" if attributes.int("select_last_index", 0) == 0 => {
            Operator::ArgMax { axis: attributes.int("axis", 0), keep: keep() }
        }
        "Softmax" => {
            let flattens = version < 13;
            Operator::Softmax { axis: attributes.int("axis", if flattens { 1 } else { -1 }), flattens }
        }
        "MatMul" => Operator::MatMul,
        "Gemm" if attributes.int("transA", 0) == 0 => Operator::Gemm {
            alpha: f64::from(attributes.float("alpha", 1.0)),
            beta: f64::from(attributes.float("beta", 1.0)),
            turned: attributes.int("transB", 0) != 0,
        },
        "BatchNormalization" if attributes.int("training_mode", 0) == 0 => {
            Operator::BatchNormalization(f64::from(attributes.float("epsilon", 1e-5)))
        }
        _ => return Err(not_taken()),
    })
}

fn not_taken() -> String {
    "this operator, or this way of it, is not taken".to_owned()
}

fn classical(operator: &str, attributes: Attributes<'_>) -> Read<Made> {
    let step = match operator {
        "Scaler" => Operator::Scaler(Scaler::of(attributes)?),
        "Imputer" => Operator::Imputer(Imputer::of(attributes)?),
        "OneHotEncoder" => Operator::OneHot(OneHot::of(attributes)?),
        "LabelEncoder" => Operator::LabelEncoder(LabelEncoder::of(attributes)?),
        "Normalizer" => Operator::Normalizer(Norm::of(attributes.text("norm", "MAX")?)?),
        "Binarizer" => Operator::Unary(Unary::Binarize(f64::from(attributes.float("threshold", 0.0)))),
        "ArrayFeatureExtractor" => Operator::Extract,
        "FeatureVectorizer" => Operator::Vectorize,
        // Names for columns: the columns stay.
        "ZipMap" => Operator::Same,
        "LinearClassifier" => return linear_classifier(attributes),
        "LinearRegressor" => return linear_regressor(attributes),
        "TreeEnsembleClassifier" => return tree_classifier(attributes),
        "TreeEnsembleRegressor" => return tree_regressor(attributes),
        _ => return Err(not_taken()),
    };
    Ok(Made::Step(step))
}

fn linear_classifier(attributes: Attributes<'_>) -> Read<Made> {
    let intercepts = attributes.floats("intercepts");
    let linear = Linear::of(attributes.floats("coefficients"), intercepts, intercepts.len())?;
    let labels = attributes.ints("classlabels_ints").len().max(attributes.texts("classlabels_strings")?.len());
    let transform = Transform::of(attributes.text("post_transform", "NONE")?)?;
    let second = if intercepts.len() == 1 && labels == 2 { Second::Complement } else { Second::Absent };
    alone(transform, second)?;
    Ok(Made::Scored { raw: Operator::Linear(linear), finish: Finish { transform, second }, output: 1 })
}

fn linear_regressor(attributes: Attributes<'_>) -> Read<Made> {
    let targets = usize::try_from(attributes.int("targets", 1)).map_err(|_| "it has no targets")?;
    let linear = Linear::of(attributes.floats("coefficients"), attributes.floats("intercepts"), targets)?;
    let transform = regressed(attributes)?;
    Ok(Made::Scored { raw: Operator::Linear(linear), finish: Finish { transform, second: Second::Absent }, output: 0 })
}

/// Of regressors only plain values are taken: runtimes disagree on the rest.
fn regressed(attributes: Attributes<'_>) -> Read<Transform> {
    match Transform::of(attributes.text("post_transform", "NONE")?)? {
        Transform::None => Ok(Transform::None),
        other => Err(format!("a regressor with the post_transform {other:?} is not taken: runtimes disagree on it")),
    }
}

/// Runtimes make no distribution of a single score by these.
fn alone(transform: Transform, second: Second) -> Read<()> {
    let odd = matches!(transform, Transform::Softmax | Transform::SoftmaxZero | Transform::Probit);
    match odd && second != Second::Absent {
        true => {
            Err(format!("the post_transform {transform:?} of a single score is not taken: runtimes disagree on it"))
        }
        false => Ok(()),
    }
}

fn tree_classifier(attributes: Attributes<'_>) -> Read<Made> {
    let texts = attributes.texts("classlabels_strings")?;
    let classes = attributes.ints("classlabels_int64s").len().max(texts.len());
    if classes < 2 {
        return Err(format!("it tells {classes} classes apart; 2 or more are taken"));
    }
    let transform = Transform::of(attributes.text("post_transform", "NONE")?)?;
    let ensemble = Ensemble::of(attributes, &ensemble::CLASSES, classes)?;
    let (first, second) = (ensemble.weighs(0), ensemble.weighs(1));
    let base = ensemble.base_values();
    if classes > 2 {
        if base != 0 && base != classes {
            return Err(format!("it has {base} base values for {classes} classes"));
        }
        let finish = Finish { transform, second: Second::Absent };
        return Ok(Made::Scored { raw: Operator::Ensemble(Box::new(ensemble)), finish, output: 1 });
    }
    if base > 1 || (base == 1 && second && !first) {
        return Err("two classes with these base values are not taken: runtimes leave out trees or bases; export \
                    it with one base value, or none, and weights of the first class"
            .to_owned());
    }
    let pair = match (second, ensemble.has_negative_weights()) {
        (true, _) => Second::Absent,
        (false, true) => Second::Negated,
        (false, false) => Second::Complement,
    };
    alone(transform, pair)?;
    // A single score for two classes: the second class is what it speaks of.
    let ensemble = if second { ensemble } else { ensemble.with_outputs(1) };
    Ok(Made::Scored {
        raw: Operator::Ensemble(Box::new(ensemble)),
        finish: Finish { transform, second: pair },
        output: 1,
    })
}

fn tree_regressor(attributes: Attributes<'_>) -> Read<Made> {
    let targets = usize::try_from(attributes.int("n_targets", 1)).map_err(|_| "it has no targets")?;
    let transform = regressed(attributes)?;
    let ensemble = Ensemble::of(attributes, &ensemble::TARGETS, targets)?;
    if ensemble.base_values() != 0 && ensemble.base_values() != targets {
        return Err(format!("it has {} base values for {targets} targets", ensemble.base_values()));
    }
    let finish = Finish { transform, second: Second::Absent };
    Ok(Made::Scored { raw: Operator::Ensemble(Box::new(ensemble)), finish, output: 0 })
}

impl To {
    fn of(element: i64) -> Read<Self> {
        Ok(match element {
            element::FLOAT => Self::Float,
            element::DOUBLE => Self::Double,
            element::INT32 | element::INT64 => Self::Int,
            element::BOOL => Self::Bool,
            element::TEXT => Self::Text,
            other => return Err(format!("it casts to elements of type {other}, which are not taken")),
        })
    }

    fn cast(self, x: &Tensor, budget: &mut Budget) -> Read<Tensor> {
        budget.room(&x.shape)?;
        let data = match (self, &x.data) {
            (Self::Float, Data::Text(texts)) => Data::F32(parsed(texts)?),
            (Self::Double, Data::Text(texts)) => Data::F64(parsed(texts)?),
            (Self::Int, Data::Text(texts)) => Data::I64(parsed(texts)?),
            (Self::Float, Data::F64(values)) if budget.wide => Data::F64(values.clone()),
            (Self::Float, _) => Data::F32(x.narrow()?),
            (Self::Double, _) => Data::F64(x.wide()?),
            (Self::Int, Data::I64(values)) => Data::I64(values.clone()),
            // Toward zero, as C does.
            (Self::Int, _) => Data::I64(x.wide()?.into_iter().map(|value| value as i64).collect()),
            (Self::Bool, _) => Data::Bool(x.wide()?.into_iter().map(|value| value != 0.0).collect()),
            (Self::Text, Data::Text(texts)) => Data::Text(texts.clone()),
            (Self::Text, Data::I64(values)) => Data::Text(values.iter().map(i64::to_string).collect()),
            (Self::Text, _) => {
                return Err("it makes texts of fractions, which every runtime writes in its own way".to_owned());
            }
        };
        Ok(Tensor::new(x.shape.clone(), data))
    }
}

fn parsed<T: std::str::FromStr>(texts: &[String]) -> Read<Vec<T>> {
    texts.iter().map(|text| text.trim().parse().map_err(|_| format!("`{text}` is no number"))).collect()
}
