//! What a node says of itself.

use super::{
    proto::{Attribute, NodeProto, text},
    tensor::{Data, Tensor},
    wire::Read,
};

/// Attributes of one node, by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a>(&'a [Attribute<'a>]);

impl<'a> Attributes<'a> {
    pub(super) fn of(node: &'a NodeProto<'a>) -> Self {
        Self(&node.attributes)
    }

    pub(super) fn find(&self, name: &str) -> Option<&'a Attribute<'a>> {
        self.0.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn int(&self, name: &str, otherwise: i64) -> i64 {
        self.find(name).map_or(otherwise, |attribute| attribute.int)
    }

    pub(super) fn float(&self, name: &str, otherwise: f32) -> f32 {
        self.find(name).map_or(otherwise, |attribute| attribute.float)
    }

    pub(super) fn text(&self, name: &str, otherwise: &'a str) -> Read<&'a str> {
        match self.find(name) {
            Some(attribute) => std::str::from_utf8(attribute.text).map_err(|_| format!("`{name}` is no UTF-8")),
            None => Ok(otherwise),
        }
    }

    pub(super) fn ints(&self, name: &str) -> &'a [i64] {
        self.find(name).map_or(&[], |attribute| &attribute.ints)
    }

    pub(super) fn floats(&self, name: &str) -> &'a [f32] {
        self.find(name).map_or(&[], |attribute| &attribute.floats)
    }

    pub(super) fn texts(&self, name: &str) -> Read<Vec<String>> {
        self.find(name).map_or(Ok(Vec::new()), |attribute| attribute.texts.iter().map(|bytes| text(bytes)).collect())
    }

    /// Floats, or the tensor (of doubles) that stands for them in the attribute of the same name with `_as_tensor`.
    pub(super) fn numbers(&self, name: &str) -> Read<Vec<f64>> {
        match self.find(&format!("{name}_as_tensor")).and_then(|attribute| attribute.tensor.as_ref()) {
            Some(tensor) => tensor.wide(),
            None => Ok(self.floats(name).iter().map(|value| f64::from(*value)).collect()),
        }
    }
}

/// What a node `Constant` holds.
pub(super) fn constant(node: &NodeProto<'_>) -> Read<Tensor> {
    let Some(attribute) = node.attributes.first() else { return Err("it has no value".to_owned()) };
    let many = |data: Data| Tensor::new(vec![data.len()], data);
    let texts = || attribute.texts.iter().map(|bytes| text(bytes)).collect::<Read<Vec<_>>>();
    match attribute.name {
        "value" => attribute.tensor.clone().ok_or_else(|| "its value is no tensor".to_owned()),
        "value_float" => Ok(Tensor::new(Vec::new(), Data::F32(vec![attribute.float]))),
        "value_int" => Ok(Tensor::new(Vec::new(), Data::I64(vec![attribute.int]))),
        "value_string" => Ok(Tensor::new(Vec::new(), Data::Text(vec![text(attribute.text)?]))),
        "value_floats" => Ok(many(Data::F32(attribute.floats.clone()))),
        "value_ints" => Ok(many(Data::I64(attribute.ints.clone()))),
        "value_strings" => Ok(many(Data::Text(texts()?))),
        other => Err(format!("its attribute `{other}` is not taken")),
    }
}
