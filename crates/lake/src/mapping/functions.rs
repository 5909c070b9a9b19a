//! The functions that only mappings have: `key` and `customer_id`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array},
    compute::cast,
    datatypes::{DataType, Int64Type},
};
use datafusion::{
    common::{Result, ScalarValue, exec_err},
    logical_expr::{ColumnarValue, ScalarUDF, Signature, Volatility, expr_fn::SimpleScalarUDF},
};
use florin_domain::ids::DomainHasher;

/// What mappings need to turn keys of sources into ids.
pub trait KeySource: Send + Sync {
    /// The ids of one key space.
    fn domain(&self, name: &str) -> DomainHasher;

    /// The customers whose keys (ids in the key space of `system`) these are; missing for an unknown one. A load of
    /// customers gives new numbers to unknown keys instead.
    fn customers(&self, system: &str, keys: &Int64Array) -> Int64Array;
}

/// `key('space', value)`: the id of a source's key. `customer_id('system', value)`: the number of the customer whom a
/// system knows by that key. A number and its decimal text are the same key.
pub(super) fn functions(keys: &Arc<dyn KeySource>) -> Vec<ScalarUDF> {
    let (for_key, for_customer) = (Arc::clone(keys), Arc::clone(keys));
    let key = move |args: &[ColumnarValue]| ids(&*for_key, "key", args).map(ColumnarValue::Array);
    let customer = move |args: &[ColumnarValue]| {
        let (space, _) = arguments("customer_id", args)?;
        let ids = ids(&*for_customer, "customer_id", args)?;
        let customers = for_customer.customers(&space, ids.as_primitive::<Int64Type>());
        Ok(ColumnarValue::Array(Arc::new(customers)))
    };
    vec![udf("key", Volatility::Immutable, Arc::new(key)), udf("customer_id", Volatility::Volatile, Arc::new(customer))]
}

type Implementation = Arc<dyn Fn(&[ColumnarValue]) -> Result<ColumnarValue> + Send + Sync>;

fn udf(name: &str, volatility: Volatility, run: Implementation) -> ScalarUDF {
    let signature = Signature::any(2, volatility);
    ScalarUDF::from(SimpleScalarUDF::new_with_signature(name, signature, DataType::Int64, run))
}

fn arguments(function: &str, args: &[ColumnarValue]) -> Result<(String, ArrayRef)> {
    let [ColumnarValue::Scalar(space), values] = args else {
        return exec_err!("{function} takes a literal text and a value: {function}('core', number)");
    };
    let (ScalarValue::Utf8(Some(space)) | ScalarValue::Utf8View(Some(space))) = space else {
        return exec_err!("the first argument of {function} is a literal text");
    };
    Ok((space.clone(), values.to_array(1)?))
}

/// Ids of the values, in a key space; missing for missing.
fn ids(keys: &dyn KeySource, function: &str, args: &[ColumnarValue]) -> Result<ArrayRef> {
    let (space, values) = arguments(function, args)?;
    let hasher = keys.domain(&space);
    let ids: Int64Array = match values.data_type() {
        DataType::Int64 => {
            let mut text = itoa::Buffer::new();
            let mut id = |n: i64| hasher.id(text.format(n).as_bytes());
            values.as_primitive::<Int64Type>().iter().map(|n| n.map(&mut id)).collect()
        }
        _ => {
            let text = cast(&values, &DataType::Utf8)?;
            text.as_string::<i32>().iter().map(|t| t.map(|t| hasher.id(t.trim().as_bytes()))).collect()
        }
    };
    Ok(Arc::new(ids))
}
