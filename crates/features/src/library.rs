//! Traits that a bank expects, over the canonical tables: `florin init` puts them into a new bank directory, to be kept, changed or
//! removed there. What each means is in its file.

/// Path in a bank directory and text of each file.
pub const FILES: &[(&str, &str)] = &include!("../library/files.rs");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_holds_up_over_the_canonical_tables() {
        let catalogue = florin_domain::Catalogue::new(Vec::new()).expect("canonical tables");
        let files: Vec<_> = FILES
            .iter()
            .map(|(path, text)| ((*path).to_owned(), crate::TraitFile::parse(path, text).expect(path)))
            .collect();
        let traits = crate::Traits::compile(&files, &catalogue).expect("sound");
        assert!(traits.len() > 60, "{}", traits.len());
    }
}
