//! A graph as steps in their order: read, checked, and run on rows.
//!
//! Only what the chosen output needs is read and run; a label that nobody asks for may come of any operator. Nodes of a file stand in the order in which they run, so
//! every name that a node reads must have been written before, by one node: there are no loops.

use rustc_hash::FxHashMap;

use super::{
    attributes::constant,
    budget::Budget,
    operators::{ML, Made, Operator},
    proto::{ModelProto, NodeProto, ValueProto, element},
    tensor::{Data, Tensor},
    wire::Read,
};

/// The most nodes of a graph.
const NODES_MAX: usize = 10_000;
/// The most inputs.
const INPUTS_MAX: usize = super::FEATURES_MAX;
/// The most bytes of texts that steps behind inputs tell apart, each counted for every input.
const LEVEL_BYTES_MAX: usize = 1 << 26;
/// Versions of operators that are read as the standard had them then.
const VERSIONS: std::ops::RangeInclusive<i64> = 7..=26;
const ML_VERSIONS: std::ops::RangeInclusive<i64> = 1..=4;

/// One step: an operator, the slots that it reads (nothing where an input is left out) and the one that it writes.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) operator: Operator,
    pub(super) inputs: Vec<Option<usize>>,
    pub(super) output: usize,
    /// For errors.
    place: String,
}

/// An input of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) slot: usize,
    pub(super) element: i64,
    /// Nothing, when the file leaves it open.
    pub(super) columns: Option<usize>,
    /// Whether it is a vector, not a table.
    flat: bool,
    /// Texts that steps which follow know, sorted.
    pub(super) levels: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Graph {
    pub(super) inputs: Vec<Input>,
    pub(super) steps: Vec<Step>,
    /// Tensors that do not depend on rows.
    pub(super) constants: FxHashMap<usize, Tensor>,
    pub(super) output: usize,
    slots: usize,
}

/// Slots by name.
#[derive(Default)]
struct Names<'a> {
    slots: FxHashMap<&'a str, usize>,
    count: usize,
}

impl<'a> Names<'a> {
    fn hidden(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    /// A name that is written for the first time.
    fn written(&mut self, name: &'a str) -> Read<usize> {
        let slot = self.hidden();
        match self.slots.insert(name, slot) {
            None => Ok(slot),
            Some(_) => Err(format!("`{name}` is written twice")),
        }
    }

    fn known(&self, name: &str) -> Read<usize> {
        self.slots.get(name).copied().ok_or_else(|| format!("`{name}` is read, and nothing before writes it"))
    }
}

impl Graph {
    /// Reads a graph for one of its outputs; for the one that tells scores, when none is named.
    pub(super) fn of(model: ModelProto<'_>, output: Option<&str>) -> Read<Self> {
        let graph = model.graph.ok_or("it has no graph")?;
        if model.functions > 0 {
            return Err("it has functions of its own, which are not taken".to_owned());
        }
        if graph.nodes.len() > NODES_MAX {
            return Err(format!("it has {} nodes; at most {NODES_MAX} are taken", graph.nodes.len()));
        }
        if graph.inputs.len() > INPUTS_MAX.saturating_add(graph.initializers.len()) {
            return Err(format!("it has {} inputs; at most {INPUTS_MAX} are taken", graph.inputs.len()));
        }
        let wanted = chosen(&graph.outputs, output)?;
        let needed = needed(&graph.nodes, wanted)?;
        let (mut names, mut constants) = (Names::default(), FxHashMap::default());
        for (name, tensor) in graph.initializers {
            constants.insert(names.written(name)?, tensor);
        }
        let mut inputs = Vec::new();
        // Older files list constants among the inputs too.
        for value in &graph.inputs {
            if !names.slots.contains_key(value.name) {
                inputs.push(input(value, names.written(value.name)?)?);
            }
        }
        let mut read = Self { inputs, steps: Vec::new(), constants, output: 0, slots: 0 };
        // One for all constants, so that a file of constants ends too.
        let mut budget = Budget::new(false);
        for (at, node) in graph.nodes.iter().enumerate().filter(|(at, _)| needed[*at]) {
            let version = version(&model.opsets, node.domain);
            let place = place(at, node, version.as_ref().ok().copied());
            let took = version.and_then(|version| read.take(node, version, &mut names, &place, &mut budget));
            took.map_err(|why| format!("{place}: {why}"))?;
        }
        read.output = names.known(wanted)?;
        read.slots = names.count;
        read.tell_levels()?;
        Ok(read)
    }

    fn take<'a>(
        &mut self,
        node: &NodeProto<'a>,
        version: i64,
        names: &mut Names<'a>,
        place: &str,
        budget: &mut Budget,
    ) -> Read<()> {
        if node.attributes.iter().any(|attribute| attribute.has_graph) {
            return Err("it has a graph within, which is not taken".to_owned());
        }
        if (node.domain, node.operator) == ("", "Constant") {
            let name = node.outputs.first().ok_or("it has no output")?;
            self.constants.insert(names.written(name)?, constant(node)?);
            return Ok(());
        }
        let input = |name: &&str| if name.is_empty() { Ok(None) } else { names.known(name).map(Some) };
        let inputs = node.inputs.iter().map(input).collect::<Read<Vec<_>>>()?;
        let written = |at: usize| {
            let name = node.outputs.get(at).filter(|name| !name.is_empty());
            name.copied().ok_or_else(|| format!("its output {at} is not written"))
        };
        match Operator::of(node, version)? {
            Made::Step(operator) => {
                let output = names.written(written(0)?)?;
                self.push(Step { operator, inputs, output, place: place.to_owned() }, budget)
            }
            Made::Scored { raw, finish, output } => {
                let (hidden, output) = (names.hidden(), names.written(written(output)?)?);
                self.push(Step { operator: raw, inputs, output: hidden, place: place.to_owned() }, budget)?;
                let operator = Operator::Finish(finish);
                self.push(Step { operator, inputs: vec![Some(hidden)], output, place: place.to_owned() }, budget)
            }
        }
    }

    /// Appends a step; one that depends on no row is run at once.
    fn push(&mut self, step: Step, budget: &mut Budget) -> Read<()> {
        let constant = |slot: &Option<usize>| slot.is_none_or(|slot| self.constants.contains_key(&slot));
        if !step.inputs.iter().all(constant) {
            self.steps.push(step);
            return Ok(());
        }
        let inputs: Vec<Option<&Tensor>> =
            step.inputs.iter().map(|slot| slot.and_then(|slot| self.constants.get(&slot))).collect();
        let made = step.operator.run(&inputs, budget)?;
        self.constants.insert(step.output, made);
        Ok(())
    }

    /// What categories the steps behind each input of texts know.
    fn tell_levels(&mut self) -> Read<()> {
        let mut room = LEVEL_BYTES_MAX;
        for at in 0..self.inputs.len() {
            if self.inputs[at].element != element::TEXT {
                continue;
            }
            let mut levels = Vec::new();
            for step in self.behind(self.inputs[at].slot) {
                let told = step.inputs.iter().flatten().filter_map(|slot| self.constants.get(slot));
                let texts =
                    told.filter_map(|tensor| if let Data::Text(texts) = &tensor.data { Some(texts) } else { None });
                for text in step.operator.levels().into_iter().chain(texts.flatten().cloned()) {
                    let left = room.checked_sub(text.len() + 1);
                    room = left.ok_or("it tells too many texts apart for so many inputs")?;
                    levels.push(text);
                }
            }
            levels.sort_unstable();
            levels.dedup();
            self.inputs[at].levels = levels;
        }
        Ok(())
    }

    /// The steps that depend on a slot, in order.
    fn behind(&self, slot: usize) -> Vec<&Step> {
        let mut reached = vec![false; self.slots];
        reached[slot] = true;
        let mut steps = Vec::new();
        for step in &self.steps {
            if step.inputs.iter().flatten().any(|slot| reached[*slot]) {
                reached[step.output] = true;
                steps.push(step);
            }
        }
        steps
    }

    /// Runs on rows, an input's tensor each, and says what lies in a slot afterwards.
    pub(super) fn run(&self, given: Vec<Tensor>, wanted: usize, wide: bool) -> Read<Tensor> {
        let mut slots = self.filled(given, Some(wanted), wide)?;
        match slots.get_mut(wanted).and_then(Option::take) {
            Some(tensor) => Ok(tensor),
            None => self.constants.get(&wanted).cloned().ok_or_else(|| "nothing is written to its output".to_owned()),
        }
    }

    /// The shape of what each slot holds after a run.
    pub(super) fn shapes(&self, given: Vec<Tensor>) -> Read<Vec<Option<Vec<usize>>>> {
        let slots = self.filled(given, None, false)?;
        Ok(slots.into_iter().map(|slot| slot.map(|tensor| tensor.shape)).collect())
    }

    fn filled(&self, given: Vec<Tensor>, wanted: Option<usize>, wide: bool) -> Read<Vec<Option<Tensor>>> {
        let mut budget = Budget::new(wide);
        let mut slots: Vec<Option<Tensor>> = Vec::new();
        slots.resize_with(self.slots, || None);
        for (input, mut tensor) in self.inputs.iter().zip(given) {
            budget.room(&tensor.shape)?;
            if input.flat {
                tensor.shape = vec![tensor.data.len()];
            }
            slots[input.slot] = Some(tensor);
        }
        for step in &self.steps {
            if wanted.is_some_and(|wanted| slots[wanted].is_some()) {
                break;
            }
            let value = |slot: usize| self.constants.get(&slot).or(slots[slot].as_ref());
            let inputs: Vec<Option<&Tensor>> = step.inputs.iter().map(|slot| slot.and_then(value)).collect();
            let made = step.operator.run(&inputs, &mut budget).map_err(|why| format!("{}: {why}", step.place))?;
            slots[step.output] = Some(made);
        }
        Ok(slots)
    }

    /// The step that writes to a slot.
    pub(super) fn writer(&self, slot: usize) -> Option<&Step> {
        self.steps.iter().find(|step| step.output == slot)
    }
}

fn place(at: usize, node: &NodeProto<'_>, version: Option<i64>) -> String {
    let domain = if node.domain.is_empty() { "ai.onnx" } else { node.domain };
    let version = version.map_or(String::new(), |version| format!(" version {version}"));
    let name = if node.name.is_empty() { String::new() } else { format!(" (`{}`)", node.name) };
    format!("node {at}{name}, operator `{}` of {domain}{version}", node.operator)
}

/// The version of a domain's operators. A file with no word on it has those of the standard's first.
fn version(opsets: &[(&str, i64)], domain: &str) -> Read<i64> {
    let same = |of: &str| of == domain || (domain.is_empty() && of == "ai.onnx");
    let told = opsets.iter().filter(|(of, _)| same(of)).map(|(_, version)| *version).max();
    let (versions, first) = match domain {
        "" => (VERSIONS, None),
        ML => (ML_VERSIONS, Some(1)),
        other => return Err(format!("the domain `{other}` is not taken")),
    };
    let version = told.or(first).ok_or("the file does not say which version of operators it is in")?;
    match versions.contains(&version) {
        true => Ok(version),
        false => Err(format!("versions {} to {} of the operators are taken", versions.start(), versions.end())),
    }
}

/// Which output is taken: the one that is named, or the one that tells scores.
fn chosen<'a>(outputs: &[ValueProto<'a>], named: Option<&str>) -> Read<&'a str> {
    /// What exporters call it, when there are several.
    const USUAL: [&str; 3] = ["probabilities", "output_probability", "probability"];
    let all = || outputs.iter().map(|output| output.name).collect::<Vec<_>>().join(", ");
    if let Some(named) = named {
        let found = outputs.iter().find(|output| output.name == named).map(|output| output.name);
        return found.ok_or_else(|| format!("it has no output `{named}`; its outputs are: {}", all()));
    }
    // A sequence of maps (of ZipMap) has no type of elements.
    let tells = |output: &&ValueProto<'_>| matches!(output.element, None | Some(element::FLOAT | element::DOUBLE));
    let scores: Vec<&str> = outputs.iter().filter(tells).map(|output| output.name).collect();
    match scores[..] {
        [one] => Ok(one),
        _ => scores
            .iter()
            .find(|name| USUAL.contains(name))
            .copied()
            .ok_or_else(|| format!("which of its outputs tells scores is not clear; name one of: {}", all())),
    }
}

/// Which nodes an output needs.
fn needed(nodes: &[NodeProto<'_>], output: &str) -> Read<Vec<bool>> {
    let mut names = rustc_hash::FxHashSet::from_iter([output]);
    let mut needed = vec![false; nodes.len()];
    for (at, node) in nodes.iter().enumerate().rev() {
        if node.outputs.iter().any(|name| names.contains(name)) {
            needed[at] = true;
            names.extend(node.inputs.iter().copied().filter(|name| !name.is_empty()));
        }
    }
    Ok(needed)
}

fn input(value: &ValueProto<'_>, slot: usize) -> Read<Input> {
    let wrong = |what: String| Err(format!("its input `{}` {what}", value.name));
    let Some(element) = value.element else { return wrong("is no tensor".to_owned()) };
    if ![element::FLOAT, element::DOUBLE, element::INT32, element::INT64, element::BOOL, element::TEXT]
        .contains(&element)
    {
        return wrong(format!("is of elements of type {element}, which are not taken"));
    }
    let columns = |size: Option<i64>| size.and_then(|size| usize::try_from(size).ok());
    let (columns, flat) = match value.shape.as_deref() {
        None => (None, false),
        Some([_]) => (Some(1), true),
        Some([_, size]) => (columns(*size), false),
        Some(other) => return wrong(format!("has {} dimensions; rows and columns are taken", other.len())),
    };
    Ok(Input { name: value.name.to_owned(), slot, element, columns, flat, levels: Vec::new() })
}
