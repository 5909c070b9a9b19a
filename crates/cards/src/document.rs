//! What a page says, of no format.

use florin_charts::{Chart, Language};
use florin_models::evaluation::Severity;

/// A whole page in one language.
pub(crate) struct Document {
    pub(crate) title: String,
    /// A line below the title.
    pub(crate) subtitle: String,
    /// What the whole comes to, and whether that is good.
    pub(crate) verdict: (bool, String),
    pub(crate) sections: Vec<Section>,
}

/// What stands under one heading; the first has none.
pub(crate) struct Section {
    pub(crate) heading: Option<String>,
    pub(crate) blocks: Vec<Block>,
}

pub(crate) enum Block {
    Paragraph(String),
    /// A heading within a section.
    Under(String),
    Findings(Vec<(Severity, String)>),
    /// Name, figure and what stands below it.
    Tiles(Vec<Tile>),
    Facts(Vec<(String, String)>),
    Table(Table),
    Picture(Box<dyn Chart>),
}

pub(crate) struct Tile {
    pub(crate) name: String,
    pub(crate) figure: String,
    pub(crate) below: String,
}

/// Columns, and rows of as many cells. The first column is words, the others figures, unless `words` says more.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Columns of words.
    pub(crate) words: Vec<usize>,
}

pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    pub(crate) mark: Mark,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    None,
    Bad,
    Faint,
}

impl Table {
    pub(crate) fn new(head: &[&str], words: &[usize]) -> Self {
        Self { head: head.iter().map(|h| (*h).to_owned()).collect(), rows: Vec::new(), words: words.to_vec() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>, mark: Mark) {
        self.rows.push(Row { cells, mark });
    }

    pub(crate) fn is_word(&self, column: usize) -> bool {
        column == 0 || self.words.contains(&column)
    }
}

/// Chooses between two texts.
#[derive(Clone, Copy)]
pub(crate) struct Say(pub(crate) Language);

impl Say {
    pub(crate) fn of<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self.0 {
            Language::English => en,
            Language::Chinese => zh,
        }
    }

    pub(crate) fn text(self, en: &str, zh: &str) -> String {
        self.of(en, zh).to_owned()
    }

    pub(crate) fn words(self, words: &florin_models::definition::Words) -> String {
        self.text(&words.en, &words.zh)
    }
}
