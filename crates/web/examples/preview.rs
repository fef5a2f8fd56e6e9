//! Writes every sample page, the style sheet and the script into a folder, to be looked
//! at in a browser: `cargo run -p web --example preview -- FOLDER`.

use std::io::{Error, Result};
use std::path::PathBuf;

use web::ui::{assets, samples};

fn main() -> Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .ok_or_else(|| Error::other("name the folder to write into"))?;
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("tasuki.css"), assets::CSS)?;
    std::fs::write(folder.join("tasuki.js"), assets::JS)?;
    for (name, page) in samples() {
        let html = page
            .into_string()
            .replace(&assets::css_href(), "tasuki.css")
            .replace(&assets::js_href(), "tasuki.js");
        std::fs::write(folder.join(format!("{name}.html")), html)?;
    }
    Ok(())
}
