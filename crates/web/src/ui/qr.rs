//! A QR code drawn as SVG on the server: one path over white, with its quiet zone, so that it
//! prints as it is shown and no script draws it.
//!
//! Source: ISO/IEC 18004:2015, section 9.1 (a quiet zone of four modules).

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around the code.
const QUIET: usize = 4;

/// `content` as a QR code; `label` says to those who do not see it what it holds. Nothing is
/// drawn when the content does not fit (about 2,900 bytes).
#[must_use]
pub fn qr(content: &str, label: &str) -> Markup {
    let level = EcLevel::M;
    let Ok(code) = QrCode::with_error_correction_level(content.as_bytes(), level) else {
        return html! {};
    };
    let side = code.width().saturating_add(2 * QUIET);
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label)
            shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path(&code)) fill="#000" {}
        }
    }
}

/// The dark modules, each run of a row as one rectangle.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    let colors = code.to_colors();
    for (row, line) in colors.chunks(code.width().max(1)).enumerate() {
        let mut column = 0;
        for run in line.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, width) = (column + QUIET, row + QUIET, run.len());
                // Writing into a string does not fail.
                let _written = write!(path, "M{x} {y}h{width}v1h-{width}z");
            }
            column += run.len();
        }
    }
    path
}
