//! A function of many rows, as the engine takes it.

use std::{fmt::Debug, hash::Hash, sync::Arc};

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::{
    common::{Result, ScalarValue, exec_err},
    logical_expr::{
        Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};

use super::{
    gathered::{Fold, Gathered, OneGroup, state_type},
    input::Places,
};

/// The arguments of a function, and what it does with them.
pub(super) trait Kind: Debug + Clone + Eq + Hash + Send + Sync + 'static {
    type Fold: Fold;

    /// As SQL calls it.
    const NAME: &'static str;

    /// What the arguments must be handed in as.
    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>>;

    /// The type of an answer.
    fn answer(&self) -> DataType;

    /// The answer for no rows, where one value says it.
    fn nothing(&self) -> Option<ScalarValue>;

    /// What to do, by the arguments that are constants, and where the others are.
    fn fold(&self, args: &AccumulatorArgs<'_>) -> Result<(Self::Fold, Places)>;
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Aggregate<K> {
    kind: K,
    signature: Signature,
}

impl<K: Kind> Aggregate<K> {
    pub(super) fn new(kind: K) -> Self {
        Self { kind, signature: Signature::user_defined(Volatility::Immutable) }
    }

    fn gathered(&self, args: &AccumulatorArgs<'_>) -> Result<Gathered<K::Fold>> {
        if args.is_distinct {
            return exec_err!("{}: DISTINCT has no meaning here: leave it out", K::NAME);
        }
        let (fold, places) = self.kind.fold(args)?;
        Ok(Gathered::new(K::NAME, fold, places))
    }
}

impl<K: Kind> AggregateUDFImpl for Aggregate<K> {
    fn name(&self) -> &str {
        K::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.kind.coerce(types)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.kind.answer())
    }

    fn default_value(&self, ty: &DataType) -> Result<ScalarValue> {
        self.kind.nothing().map_or_else(|| ScalarValue::try_from(ty), Ok)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup::new(self.gathered(&args)?)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "kept"), state_type(), true))])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.gathered(&args)?))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}
