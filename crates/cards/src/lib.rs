//! The card of a model: one page that a validator can sign or send back.
//!
//! *What*: an [`Evaluation`](florin_models::evaluation::Evaluation) in; one HTML page out that needs nothing from elsewhere (both languages, light and
//! dark, pictures inside), or the same as Markdown. Pure: no I/O and no clock; the same evaluation gives the same bytes.
//!
//! *Start here*: [`Card::new`], [`Card::html`], [`Card::markdown`].
//!
//! *How to read*: `document` (headings, paragraphs, tables, pictures, of no format) → `build` (what a card says, in one language) →
//! `pictures` → `html` and `markdown`.
//!
//! *How to write*: what fails stands first, in words, before any figure. Every text comes in both languages, side by side in the code. Whatever comes
//! from data is escaped where it is written, nowhere else.

mod build;
mod card;
mod document;
mod effects;
mod figures;
mod groups;
mod html;
mod markdown;
mod odd;
mod pictures;
mod series;
mod survival;
mod texts;

pub use card::{Card, Language};
