//! The parts of an ONNX file that a reader of tabular models needs (onnx.proto3 of ONNX's IR versions 3 to 12).

use super::{
    tensor::{Data, Tensor, cells},
    wire::{Fields, Read},
};

/// A model: its graph and the versions of the sets of operators that it speaks.
#[derive(Debug, Default)]
pub(super) struct ModelProto<'a> {
    pub(super) graph: Option<GraphProto<'a>>,
    pub(super) opsets: Vec<(&'a str, i64)>,
    pub(super) functions: usize,
}

#[derive(Debug, Default)]
pub(super) struct GraphProto<'a> {
    pub(super) nodes: Vec<NodeProto<'a>>,
    pub(super) initializers: Vec<(&'a str, Tensor)>,
    pub(super) inputs: Vec<ValueProto<'a>>,
    pub(super) outputs: Vec<ValueProto<'a>>,
}

#[derive(Debug, Default)]
pub(super) struct NodeProto<'a> {
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) name: &'a str,
    pub(super) operator: &'a str,
    pub(super) domain: &'a str,
    pub(super) attributes: Vec<Attribute<'a>>,
}

/// What goes in or comes out: a tensor with what is known of its shape, or something else (a sequence of maps).
#[derive(Debug, Default)]
pub(super) struct ValueProto<'a> {
    pub(super) name: &'a str,
    /// Nothing, when it is no tensor.
    pub(super) element: Option<i64>,
    /// Nothing, when nothing is known; a dimension that varies is nothing too.
    pub(super) shape: Option<Vec<Option<i64>>>,
}

#[derive(Debug, Default)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) float: f32,
    pub(super) int: i64,
    pub(super) text: &'a [u8],
    pub(super) floats: Vec<f32>,
    pub(super) ints: Vec<i64>,
    pub(super) texts: Vec<&'a [u8]>,
    pub(super) tensor: Option<Tensor>,
    /// A graph within, which no tabular model needs.
    pub(super) has_graph: bool,
}

/// Types of elements (`TensorProto.DataType`).
pub(super) mod element {
    pub(in crate::onnx) const FLOAT: i64 = 1;
    pub(in crate::onnx) const INT32: i64 = 6;
    pub(in crate::onnx) const INT64: i64 = 7;
    pub(in crate::onnx) const TEXT: i64 = 8;
    pub(in crate::onnx) const BOOL: i64 = 9;
    pub(in crate::onnx) const DOUBLE: i64 = 11;
}

impl<'a> ModelProto<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Read<Self> {
        let mut model = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (7, graph) => model.graph = Some(GraphProto::read(graph.bytes()?)?),
                (8, opset) => model.opsets.push(opset_of(opset.bytes()?)?),
                (25, _) => model.functions += 1,
                _ => {}
            }
        }
        Ok(model)
    }
}

fn opset_of(bytes: &[u8]) -> Read<(&str, i64)> {
    let mut opset = ("", 0);
    for field in Fields::of(bytes) {
        match field? {
            (1, domain) => opset.0 = domain.text()?,
            (2, version) => opset.1 = version.int()?,
            _ => {}
        }
    }
    Ok(opset)
}

impl<'a> GraphProto<'a> {
    fn read(bytes: &'a [u8]) -> Read<Self> {
        let mut graph = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, node) => graph.nodes.push(NodeProto::read(node.bytes()?)?),
                (5, tensor) => graph.initializers.push(tensor_of(tensor.bytes()?)?),
                (11, input) => graph.inputs.push(ValueProto::read(input.bytes()?)?),
                (12, output) => graph.outputs.push(ValueProto::read(output.bytes()?)?),
                (15, _) => return Err("it has sparse tensors, which are not taken".to_owned()),
                _ => {}
            }
        }
        Ok(graph)
    }
}

impl<'a> NodeProto<'a> {
    fn read(bytes: &'a [u8]) -> Read<Self> {
        let mut node = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, input) => node.inputs.push(input.text()?),
                (2, output) => node.outputs.push(output.text()?),
                (3, name) => node.name = name.text()?,
                (4, operator) => node.operator = operator.text()?,
                (5, attribute) => node.attributes.push(Attribute::read(attribute.bytes()?)?),
                (7, domain) => node.domain = domain.text()?,
                _ => {}
            }
        }
        Ok(node)
    }
}

impl<'a> Attribute<'a> {
    fn read(bytes: &'a [u8]) -> Read<Self> {
        let mut attribute = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, name) => attribute.name = name.text()?,
                (2, float) => attribute.float = float.float()?,
                (3, int) => attribute.int = int.int()?,
                (4, text) => attribute.text = text.bytes()?,
                (5, tensor) => attribute.tensor = Some(tensor_of(tensor.bytes()?)?.1),
                (6 | 11, _) => attribute.has_graph = true,
                (7, floats) => floats.floats(&mut attribute.floats)?,
                (8, ints) => ints.ints(&mut attribute.ints)?,
                (9, text) => attribute.texts.push(text.bytes()?),
                _ => {}
            }
        }
        Ok(attribute)
    }
}

impl<'a> ValueProto<'a> {
    fn read(bytes: &'a [u8]) -> Read<Self> {
        let mut value = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, name) => value.name = name.text()?,
                (2, ty) => value.typed(ty.bytes()?)?,
                _ => {}
            }
        }
        Ok(value)
    }

    fn typed(&mut self, bytes: &'a [u8]) -> Read<()> {
        for field in Fields::of(bytes) {
            if let (1, tensor) = field? {
                for field in Fields::of(tensor.bytes()?) {
                    match field? {
                        (1, element) => self.element = Some(element.int()?),
                        (2, shape) => self.shape = Some(shape_of(shape.bytes()?)?),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }
}

fn shape_of(bytes: &[u8]) -> Read<Vec<Option<i64>>> {
    let mut shape = Vec::new();
    for field in Fields::of(bytes) {
        if let (1, dimension) = field? {
            let mut size = None;
            for field in Fields::of(dimension.bytes()?) {
                if let (1, value) = field? {
                    size = Some(value.int()?).filter(|size| *size > 0);
                }
            }
            shape.push(size);
        }
    }
    Ok(shape)
}

/// What a tensor's fields hold before they are put together.
#[derive(Default)]
struct Parts<'a> {
    name: &'a str,
    dims: Vec<i64>,
    element: i64,
    floats: Vec<f32>,
    ints: Vec<i64>,
    texts: Vec<&'a [u8]>,
    doubles: Vec<f64>,
    raw: Option<&'a [u8]>,
}

fn tensor_of(bytes: &[u8]) -> Read<(&str, Tensor)> {
    let mut parts = Parts::default();
    for field in Fields::of(bytes) {
        match field? {
            (1, dims) => dims.ints(&mut parts.dims)?,
            (2, element) => parts.element = element.int()?,
            (4, floats) => floats.floats(&mut parts.floats)?,
            (5 | 7, ints) => ints.ints(&mut parts.ints)?,
            (6, text) => parts.texts.push(text.bytes()?),
            (8, name) => parts.name = name.text()?,
            (9, raw) => parts.raw = Some(raw.bytes()?),
            (10, doubles) => doubles.doubles(&mut parts.doubles)?,
            (13, _) => return Err("a tensor lies in another file; save the model as one file".to_owned()),
            _ => {}
        }
    }
    let name = parts.name;
    Ok((name, parts.tensor().map_err(|why| format!("the tensor `{name}` {why}"))?))
}

impl Parts<'_> {
    fn tensor(self) -> Read<Tensor> {
        let mut shape = Vec::with_capacity(self.dims.len());
        for dim in &self.dims {
            shape.push(usize::try_from(*dim).map_err(|_| format!("has a dimension of {dim}"))?);
        }
        let size = cells(&shape)?;
        let data = match (self.element, self.raw) {
            (element::FLOAT, None) => Data::F32(self.floats),
            (element::FLOAT, Some(raw)) => Data::F32(numbers(raw, f32::from_le_bytes)?),
            (element::DOUBLE, None) => Data::F64(self.doubles),
            (element::DOUBLE, Some(raw)) => Data::F64(numbers(raw, f64::from_le_bytes)?),
            (element::INT64 | element::INT32, None) => Data::I64(self.ints),
            (element::INT64, Some(raw)) => Data::I64(numbers(raw, i64::from_le_bytes)?),
            (element::INT32, Some(raw)) => Data::I64(numbers(raw, |bytes| i64::from(i32::from_le_bytes(bytes)))?),
            (element::BOOL, None) => Data::Bool(self.ints.into_iter().map(|value| value != 0).collect()),
            (element::BOOL, Some(raw)) => Data::Bool(raw.iter().map(|value| *value != 0).collect()),
            (element::TEXT, _) => Data::Text(self.texts.into_iter().map(text).collect::<Read<Vec<_>>>()?),
            (other, _) => {
                return Err(format!(
                    "holds elements of type {other}; floats, doubles, integers, booleans and texts are taken"
                ));
            }
        };
        match data.len() == size {
            true => Ok(Tensor { shape, data }),
            false => Err(format!("has {} values and its shape {size}", data.len())),
        }
    }
}

pub(super) fn text(bytes: &[u8]) -> Read<String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| "a text is no UTF-8".to_owned())
}

fn numbers<const N: usize, T>(raw: &[u8], number: impl Fn([u8; N]) -> T) -> Read<Vec<T>> {
    let (chunks, rest) = raw.as_chunks::<N>();
    match rest.is_empty() {
        true => Ok(chunks.iter().map(|chunk| number(*chunk)).collect()),
        false => Err("ends in the middle of a number".to_owned()),
    }
}
