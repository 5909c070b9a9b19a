//! Operators on shapes, and those that run along one dimension.

use super::real::Real;
use crate::onnx::{
    budget::Budget,
    scores::softmax,
    tensor::{Data, Tensor},
    wire::Read,
};

/// A dimension from the front, of one that may count from the back.
pub(in crate::onnx) fn axis(asked: i64, rank: usize) -> Read<usize> {
    let found = if asked < 0 { asked.checked_add(rank as i64) } else { Some(asked) };
    let found = found.and_then(|axis| usize::try_from(axis).ok()).filter(|axis| *axis < rank);
    found.ok_or_else(|| format!("it works along dimension {asked} of {rank}"))
}

/// Values before a dimension, along it, and after it.
fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

pub(in crate::onnx) fn concat(parts: &[&Tensor], asked: i64, budget: &mut Budget) -> Read<Tensor> {
    let Some(first) = parts.first() else { return Err("it has nothing to put together".to_owned()) };
    let axis = axis(asked, first.shape.len())?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    for part in parts {
        let fits = part.shape.len() == shape.len()
            && part.shape.iter().zip(&first.shape).enumerate().all(|(at, (a, b))| at == axis || a == b);
        if !fits {
            return Err(format!("its shapes {:?} and {:?} do not go together", first.shape, part.shape));
        }
        shape[axis] += part.shape[axis];
    }
    budget.room(&shape)?;
    for part in parts {
        budget.room_of(&part.shape, &part.data)?;
    }
    let outer = around(&shape, axis).0;
    let chunks = parts.iter().map(|part| {
        let (_, along, inner) = around(&part.shape, axis);
        along * inner
    });
    let chunks: Vec<usize> = chunks.collect();
    let order =
        || (0..outer).flat_map(|at| chunks.iter().enumerate().map(move |(part, size)| (part, at * size, *size)));
    macro_rules! joined {
        ($kind:ident, $take:expr) => {{
            let parts = parts.iter().map($take).collect::<Read<Vec<_>>>()?;
            let mut out = Vec::new();
            order().for_each(|(part, from, size)| out.extend_from_slice(&parts[part][from..from + size]));
            Data::$kind(out)
        }};
    }
    let data = match &first.data {
        _ if parts.iter().any(|part| part.is_wide()) => joined!(F64, |part| part.wide()),
        Data::Text(_) => joined!(Text, |part| match &part.data {
            Data::Text(texts) => Ok(texts.clone()),
            _ => Err("it puts texts and numbers together".to_owned()),
        }),
        Data::I64(_) if parts.iter().all(|part| part.ints().is_ok()) => joined!(I64, |part| part.ints()),
        _ => joined!(F32, |part| part.narrow()),
    };
    Ok(Tensor::new(shape, data))
}

/// The same values in another shape; one dimension may be told by the others (-1), and 0 keeps what is there.
pub(in crate::onnx) fn reshape(x: &Tensor, asked: &[i64]) -> Read<Tensor> {
    let mut shape = Vec::with_capacity(asked.len());
    let mut open = None;
    for (at, dim) in asked.iter().enumerate() {
        match dim {
            -1 if open.is_none() => {
                open = Some(at);
                shape.push(1);
            }
            0 => shape.push(*x.shape.get(at).ok_or("it keeps a dimension that is not there")?),
            dim => shape.push(usize::try_from(*dim).map_err(|_| format!("it asks for a dimension of {dim}"))?),
        }
    }
    let known = crate::onnx::tensor::cells(&shape)?;
    if let Some(at) = open {
        shape[at] = x.data.len().checked_div(known).unwrap_or(0);
    }
    match crate::onnx::tensor::cells(&shape)? == x.data.len() {
        true => Ok(Tensor::new(shape, x.data.clone())),
        false => Err(format!("it makes {asked:?} of the shape {:?}", x.shape)),
    }
}

/// Everything before a dimension as rows, everything from it on as columns.
pub(in crate::onnx) fn flatten(x: &Tensor, asked: i64) -> Read<Tensor> {
    let rank = x.shape.len();
    let at = if asked == rank as i64 { rank } else { axis(asked, rank)? };
    let shape = vec![x.shape[..at].iter().product(), x.shape[at..].iter().product()];
    Ok(Tensor::new(shape, x.data.clone()))
}

/// Takes away dimensions of one; all, when none are named.
pub(in crate::onnx) fn squeeze(x: &Tensor, axes: &[i64]) -> Read<Tensor> {
    let gone = axes.iter().map(|asked| axis(*asked, x.shape.len())).collect::<Read<Vec<_>>>()?;
    let mut shape = Vec::new();
    for (at, dim) in x.shape.iter().enumerate() {
        let named = gone.contains(&at) || (gone.is_empty() && *dim == 1);
        match (named, dim) {
            (true, 1) => {}
            (true, dim) => return Err(format!("it takes away a dimension of {dim}")),
            (false, dim) => shape.push(*dim),
        }
    }
    Ok(Tensor::new(shape, x.data.clone()))
}

/// Puts in dimensions of one.
pub(in crate::onnx) fn unsqueeze(x: &Tensor, axes: &[i64]) -> Read<Tensor> {
    let rank = x.shape.len() + axes.len();
    let new = axes.iter().map(|asked| axis(*asked, rank)).collect::<Read<Vec<_>>>()?;
    let mut old = x.shape.iter();
    let shape: Vec<usize> =
        (0..rank).map(|at| if new.contains(&at) { 1 } else { old.next().copied().unwrap_or(1) }).collect();
    match crate::onnx::tensor::cells(&shape)? == x.data.len() {
        true => Ok(Tensor::new(shape, x.data.clone())),
        false => Err("it names a dimension twice".to_owned()),
    }
}

pub(in crate::onnx) fn reduce_sum(x: &Tensor, axes: &[i64], keep: bool, budget: &mut Budget) -> Read<Tensor> {
    let mut gone = axes.iter().map(|asked| axis(*asked, x.shape.len())).collect::<Read<Vec<_>>>()?;
    if gone.is_empty() {
        gone = (0..x.shape.len()).collect();
    }
    gone.sort_unstable();
    gone.dedup();
    let mut sum = x.clone();
    for at in gone.into_iter().rev() {
        budget.room(&sum.shape)?;
        let mut shape = sum.shape.clone();
        taken_away(&mut shape, at, keep);
        let data = match &sum.data {
            Data::F64(values) => Data::F64(sums(values, around(&sum.shape, at))),
            _ => Data::F32(sums(&sum.narrow()?, around(&sum.shape, at))),
        };
        sum = Tensor::new(shape, data);
    }
    Ok(sum)
}

/// A dimension that is summed up: of one, or gone.
fn taken_away(shape: &mut Vec<usize>, at: usize, keep: bool) {
    match keep {
        true => shape[at] = 1,
        false => {
            shape.remove(at);
        }
    }
}

fn sums<T: Real>(values: &[T], (outer, along, inner): (usize, usize, usize)) -> Vec<T> {
    let one = |at: usize, place: usize| {
        (0..along).fold(T::ZERO, |sum, step| sum + values[(at * along + step) * inner + place])
    };
    (0..outer).flat_map(|at| (0..inner).map(move |place| one(at, place))).collect()
}

/// Where the largest value lies along a dimension; the first of several.
pub(in crate::onnx) fn arg_max(x: &Tensor, asked: i64, keep: bool, budget: &mut Budget) -> Read<Tensor> {
    budget.room(&x.shape)?;
    let axis = axis(asked, x.shape.len())?;
    let (values, (outer, along, inner)) = (x.wide()?, around(&x.shape, axis));
    if along == 0 {
        return Err("it looks for the largest of nothing".to_owned());
    }
    let mut found = Vec::with_capacity(outer * inner);
    for at in 0..outer {
        for place in 0..inner {
            let value = |step: usize| values[(at * along + step) * inner + place];
            let best = (1..along).fold(0, |best, step| if value(step) > value(best) { step } else { best });
            found.push(best as i64);
        }
    }
    let mut shape = x.shape.clone();
    taken_away(&mut shape, axis, keep);
    Ok(Tensor::new(shape, Data::I64(found)))
}

/// Softmax along the last dimension; before version 13 of the operators, over everything from the named dimension on.
pub(in crate::onnx) fn soft_max(x: &Tensor, asked: i64, flattens: bool, budget: &mut Budget) -> Read<Tensor> {
    budget.room(&x.shape)?;
    let at = axis(asked, x.shape.len())?;
    if !flattens && at + 1 != x.shape.len() {
        return Err("it runs along another dimension than the last".to_owned());
    }
    let along: usize = x.shape[at..].iter().product();
    fn of<T: Real>(mut values: Vec<T>, along: usize) -> Vec<T> {
        values.chunks_exact_mut(along.max(1)).for_each(softmax);
        values
    }
    let data = match &x.data {
        Data::F64(values) => Data::F64(of(values.clone(), along)),
        _ => Data::F32(of(x.narrow()?, along)),
    };
    Ok(Tensor::new(x.shape.clone(), data))
}
