//! ONNX files that mean harm, written field by field: each must be refused, or run within its bounds, and soon.

use florin_models::{
    Column, Frame, Model,
    onnx::{OnnxModel, OnnxOptions},
};

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field of bytes: a text, a message, a packed list.
fn part(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn int(number: u64, value: i64) -> Vec<u8> {
    [varint(number << 3), varint(value.cast_unsigned())].concat()
}

fn floats(name: &str, values: &[f32]) -> Vec<u8> {
    let packed: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    part(5, &[part(1, name.as_bytes()), part(7, &packed), int(20, 6)].concat())
}

fn ints(name: &str, values: &[i64]) -> Vec<u8> {
    let packed: Vec<u8> = values.iter().flat_map(|value| varint(value.cast_unsigned())).collect();
    part(5, &[part(1, name.as_bytes()), part(8, &packed), int(20, 7)].concat())
}

fn texts(name: &str, values: &[&str]) -> Vec<u8> {
    let all: Vec<u8> = values.iter().flat_map(|value| part(9, value.as_bytes())).collect();
    part(5, &[part(1, name.as_bytes()), all, int(20, 8)].concat())
}

fn node(domain: &str, operator: &str, inputs: &[&str], outputs: &[&str], attributes: &[Vec<u8>]) -> Vec<u8> {
    let names = |number: u64, names: &[&str]| names.iter().flat_map(|name| part(number, name.as_bytes())).collect();
    let ends: [Vec<u8>; 2] = [names(1, inputs), names(2, outputs)];
    part(1, &[ends.concat(), part(4, operator.as_bytes()), attributes.concat(), part(7, domain.as_bytes())].concat())
}

/// A float tensor among the initializers, of a shape that need not be true.
fn tensor(name: &str, dims: &[i64], values: usize) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|dim| int(1, *dim)).collect();
    part(5, &[dims, int(2, 1), part(8, name.as_bytes()), part(9, &vec![0_u8; 4 * values])].concat())
}

/// A model of nodes and initializers from a table `x` of two columns to `y`.
fn model(parts: &[Vec<u8>]) -> Vec<u8> {
    let dim = |size: i64| part(1, &int(1, size));
    let shape = part(2, &[part(1, &part(2, b"N")), dim(2)].concat());
    let value =
        |name: &str| [part(1, name.as_bytes()), part(2, &part(1, &[int(1, 1), shape.clone()].concat()))].concat();
    let graph = [parts.concat(), part(11, &value("x")), part(12, &value("y"))].concat();
    let opset = |domain: &str, version: i64| part(8, &[part(1, domain.as_bytes()), int(2, version)].concat());
    [int(1, 8), part(7, &graph), opset("", 15), opset("ai.onnx.ml", 1)].concat()
}

fn rows(count: usize) -> Frame {
    let column = |name: &str| Column::number(name, (0..count).map(|row| row as f64).collect());
    Frame::new(vec![column("f0"), column("f1")]).expect("a frame")
}

/// What is said when a file is read and run; empty when all is well.
fn said(bytes: &[u8]) -> String {
    match OnnxModel::read(bytes, OnnxOptions::default()).and_then(|model| model.predict(&rows(300))) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

fn stump(ids: &[i64], yes: &[i64], no: &[i64], modes: &[&str], feature: i64) -> Vec<u8> {
    let nodes = ids.len();
    let attributes = [
        ints("nodes_treeids", &vec![0; nodes]),
        ints("nodes_nodeids", ids),
        ints("nodes_featureids", &vec![feature; nodes]),
        texts("nodes_modes", modes),
        floats("nodes_values", &vec![1.0; nodes]),
        ints("nodes_truenodeids", yes),
        ints("nodes_falsenodeids", no),
        ints("target_ids", &[0]),
        ints("target_treeids", &[0]),
        ints("target_nodeids", &[ids[nodes - 1]]),
        floats("target_weights", &[2.0]),
        part(5, &[part(1, b"n_targets"), int(3, 1)].concat()),
    ];
    model(&[node("ai.onnx.ml", "TreeEnsembleRegressor", &["x"], &["y"], &attributes)])
}

#[test]
fn a_file_written_here_is_one_that_is_read() {
    let sound = stump(&[0, 1, 2], &[1, 0, 0], &[2, 0, 0], &["BRANCH_LEQ", "LEAF", "LEAF"], 1);
    let model = OnnxModel::read(&sound, OnnxOptions::default()).expect("a model");
    assert_eq!(model.predict(&rows(3)).expect("values"), [0.0, 0.0, 2.0]);
}

#[test]
fn trees_that_are_none_are_refused() {
    let branches = ["BRANCH_LEQ", "LEAF", "LEAF"];
    for (bytes, word) in [
        (stump(&[0, 1, 2], &[1, 0, 0], &[7, 0, 0], &branches, 0), "not there"),
        (stump(&[0, 1, 2], &[0, 0, 0], &[2, 0, 0], &branches, 0), "no trees"),
        (stump(&[0, 1, 2], &[1, 0, 0], &[1, 0, 0], &branches, 0), "two roots"),
        (stump(&[0, 1, 1], &[1, 0, 0], &[1, 0, 0], &branches, 0), "twice"),
        (stump(&[0, 1, 2], &[1, 2, 0], &[2, 0, 1], &["BRANCH_LEQ"; 3], 0), "no trees"),
        (stump(&[0, 1, 2], &[1, 0, 0], &[2, 0, 0], &branches, i64::MAX), "feature"),
        (stump(&[0, 1, 2], &[1, 0, 0], &[2, 0, 0], &branches, -1), "feature"),
        (stump(&[0, 1, 2], &[1, 0, 0], &[2, 0, 0], &branches, 2), "column 2"),
        (stump(&[0, 1, 2], &[1, 0, 0], &[2, 0, 0], &["BRANCH_ODD", "LEAF", "LEAF"], 0), "BRANCH_ODD"),
    ] {
        assert!(said(&bytes).contains(word), "{word}: {}", said(&bytes));
    }
}

#[test]
fn a_tree_as_deep_as_it_has_nodes_is_walked_and_explained() {
    let deep = 20_000_i64;
    let ids: Vec<i64> = (0..=2 * deep).collect();
    let (yes, no): (Vec<i64>, Vec<i64>) =
        ids.iter().map(|id| if id % 2 == 0 && *id < 2 * deep { (id + 1, id + 2) } else { (0, 0) }).unzip();
    let modes: Vec<&str> =
        ids.iter().map(|id| if id % 2 == 0 && *id < 2 * deep { "BRANCH_LT" } else { "LEAF" }).collect();
    let model = OnnxModel::read(&stump(&ids, &yes, &no, &modes, 0), OnnxOptions::default()).expect("a model");
    assert_eq!(model.predict(&rows(3)).expect("values"), [0.0, 2.0, 2.0]);
    assert!(model.contributions(&rows(2)).is_ok());
}

#[test]
fn names_that_go_round_in_circles_are_refused() {
    let circle = model(&[
        node("", "Add", &["x", "b"], &["a"], &[]),
        node("", "Add", &["x", "a"], &["b"], &[]),
        node("", "Neg", &["b"], &["y"], &[]),
    ]);
    assert!(said(&circle).contains("nothing before writes it"), "{}", said(&circle));
    let itself = model(&[node("", "Add", &["x", "y"], &["y"], &[])]);
    assert!(said(&itself).contains("nothing before writes it"), "{}", said(&itself));
    let twice = model(&[node("", "Neg", &["x"], &["y"], &[]), node("", "Exp", &["x"], &["y"], &[])]);
    assert!(said(&twice).contains("written twice"), "{}", said(&twice));
}

#[test]
fn shapes_that_are_lies_are_refused() {
    for (dims, values) in
        [(vec![i64::MAX, i64::MAX], 0), (vec![1 << 40, 0], 0), (vec![-3], 1), (vec![2, 2], 3), (vec![1; 20], 1)]
    {
        let bytes = model(&[tensor("w", &dims, values), node("", "Add", &["x", "w"], &["y"], &[])]);
        assert!(said(&bytes).contains("the tensor `w`"), "{dims:?}: {}", said(&bytes));
    }
}

#[test]
fn what_doubles_without_end_runs_out_of_room_not_of_memory() {
    let names: Vec<String> = (0..60).map(|at| if at == 0 { "x".to_owned() } else { format!("v{at}") }).collect();
    let mut parts: Vec<Vec<u8>> = names
        .windows(2)
        .map(|pair| {
            node("", "Concat", &[&pair[0], &pair[0]], &[&pair[1]], &[part(5, &[part(1, b"axis"), int(3, 1)].concat())])
        })
        .collect();
    parts.push(node("", "Neg", &[&names[59]], &["y"], &[]));
    assert!(said(&model(&parts)).contains("taken"), "{}", said(&model(&parts)));
    // Copies of a large constant, again and again.
    let copies: Vec<String> = (0..2_000).map(|at| format!("c{at}")).collect();
    let mut parts = vec![tensor("c0", &[1 << 20, 1], 1 << 20)];
    parts.extend(copies.windows(2).map(|pair| node("", "Identity", &[&pair[0]], &[&pair[1]], &[])));
    parts.push(node("", "Add", &["x", &copies[1_999]], &["y"], &[]));
    assert!(said(&model(&parts)).contains("memory"), "{}", said(&model(&parts)));
}

#[test]
fn one_large_weight_used_again_and_again_runs_out_of_work() {
    let mut parts = vec![tensor("w", &[2, 1 << 17], 1 << 18)];
    let outputs: Vec<String> = (0..400).map(|at| format!("o{at}")).collect();
    parts.extend(outputs.iter().map(|output| node("", "MatMul", &["x", "w"], &[output], &[])));
    let all: Vec<&str> = outputs.iter().map(String::as_str).collect();
    parts.push(node("", "Sum", &all, &["y"], &[]));
    let said = said(&model(&parts));
    assert!(said.contains("than a model of tables should"), "{said}");
}
