//! `core/products.csv`: what the bank sells.

use super::{SHAPE, SYSTEM};
use crate::{
    SimulationError,
    exports::{Last, files::write_all, rows::Rows},
    people::products::PRODUCTS,
};

const HEADER: [&str; 6] = ["产品代码", "产品名称", "英文名称", "产品类别", "风险等级", "在售"];

/// Writes the file. It is kept by hand and has no flaws.
pub(crate) fn write(last: &mut Last<'_>) -> Result<u64, SimulationError> {
    let mut rows = Rows::new(SHAPE);
    rows.header(&HEADER);
    for product in &PRODUCTS {
        rows.word(product.code);
        rows.text(product.name);
        rows.text(product.english);
        rows.word(product.family);
        rows.maybe(product.risk);
        rows.text(if product.active { "是" } else { "否" });
        rows.end(None);
    }
    write_all(last.folder, SYSTEM, "core/products.csv", rows, last.truth)
}
