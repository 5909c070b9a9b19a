//! What can be wrong when a picture becomes pixels.

/// Why there is no PNG.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// Text would be missing.
    #[error(
        "no font of this machine has `{example}`, which the picture says: install the package {packages}, or ask for a file that ends in .svg"
    )]
    NoFont {
        /// The first character that no font has.
        example: char,
        /// What to install.
        packages: &'static str,
    },
    /// The picture is larger than an image may be.
    #[error("a picture of {width} by {height} pixels is larger than {limit} pixels: ask for a file that ends in .svg")]
    TooLarge {
        /// How wide it would be.
        width: u64,
        /// How high.
        height: u64,
        /// The bound.
        limit: u64,
    },
    /// The SVG that was made is none. A mistake in this crate.
    #[error("the picture cannot be read back as SVG")]
    Svg(#[from] usvg::Error),
    /// Writing into memory failed.
    #[error("the image cannot be packed")]
    Pack(#[from] std::io::Error),
}
