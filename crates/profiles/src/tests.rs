//! Packages and profiles: small ones made here for each rule, and the published ones.

mod archives;
mod judging;
mod published;

mod rules;

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use kernel::time::JstDate;

use crate::{Library, Package};

/// The day for which tests ask.
fn day() -> JstDate {
    JstDate::new(2026, 11, 22).expect("a date")
}

/// An archive with these files.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        // The name is written by hand: the library would mend what is wrong with it.
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(u64::try_from(text.len()).expect("a small file"));
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, text.as_bytes()).expect("a file");
    }
    let mut packed = archive.into_inner().expect("an archive");
    packed.flush().expect("an archive");
    packed.finish().expect("an archive")
}

const NPM: &str = r#"{"name":"test.package","version":"1.0.0","fhirVersions":["4.0.1"]}"#;

/// A library with one package of these definitions.
fn library(definitions: &[String]) -> Library {
    let names: Vec<String> = (0..definitions.len())
        .map(|i| format!("package/Definition-{i}.json"))
        .collect();
    let mut files = vec![("package/package.json", NPM)];
    let texts = names.iter().zip(definitions);
    files.extend(texts.map(|(name, text)| (name.as_str(), text.as_str())));
    let package = Package::read(&archive(&files), "test.tgz").expect("a package");
    let mut library = Library::new();
    library.add(package).expect("room");
    library
}
