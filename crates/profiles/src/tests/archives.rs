//! Archives that are no packages are refused whole.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::{NPM, archive};
use crate::{Kind, Library, LoadError, Package, PackageError};

const SET: &str = r#"{"resourceType":"ValueSet","url":"http://x.jp/vs","status":"active","compose":{"include":[{"system":"s","concept":[{"code":"a"}]}]}}"#;

fn read(files: &[(&str, &str)]) -> Result<Package, PackageError> {
    Package::read(&archive(files), "some-thing-1.2.3-extra.tgz")
}

#[test]
fn a_package_tells_its_name_version_needs_and_definitions() {
    let npm = r#"{"name":"a.b","version":"2.0.0","fhirVersions":["4.0.1"],"dependencies":{"hl7.fhir.r4.core":"4.0.1"}}"#;
    let package = read(&[
        ("package/package.json", npm),
        ("package/ValueSet-vs.json", SET),
        ("package/other/readme.txt", "text"),
        ("package/example/ValueSet-broken.json", "{"),
        ("package/.index.json", "{"),
    ])
    .expect("a package");
    assert_eq!(
        (package.name.as_str(), package.version.as_str()),
        ("a.b", "2.0.0")
    );
    assert_eq!(
        package.dependencies,
        [("hl7.fhir.r4.core".to_owned(), "4.0.1".to_owned())]
    );
    assert_eq!(package.count(Kind::ValueSet), 1);
    assert_eq!(package.sha256.len(), 64);
}

#[test]
fn an_archive_without_package_json_is_named_by_its_file() {
    let package = read(&[("resources/ValueSet-vs.json", SET)]).expect("a package");
    assert_eq!(
        (package.name.as_str(), package.version.as_str()),
        ("some-thing", "1.2.3")
    );
    let nameless = Package::read(&archive(&[("r/ValueSet-vs.json", SET)]), "download.tgz");
    assert_eq!(nameless.err(), Some(PackageError::Nameless));
}

#[test]
fn a_file_that_would_lie_elsewhere_is_refused() {
    for name in [
        "../ValueSet-a.json",
        "/etc/ValueSet-a.json",
        "package/../../a.json",
        "a\\b.json",
    ] {
        let found = read(&[("package/package.json", NPM), (name, SET)]);
        assert_eq!(found.err(), Some(PackageError::Place(name.to_owned())));
    }
}

#[test]
fn a_link_is_refused() {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "package/ValueSet-a.json", "/etc/passwd")
        .expect("a link");
    let bytes = builder.into_inner().expect("tar").finish().expect("gzip");
    let found = Package::read(&bytes, "a-1.0.tgz");
    assert!(matches!(found.err(), Some(PackageError::Place(_))));
}

#[test]
fn what_is_broken_twice_or_empty_is_refused() {
    let whole = archive(&[
        ("package/package.json", NPM),
        ("package/ValueSet-vs.json", SET),
    ]);
    let half = Package::read(&whole[..whole.len() / 2], "a-1.0.tgz");
    assert_eq!(half.err(), Some(PackageError::Archive));
    assert_eq!(
        Package::read(b"no archive", "a-1.0.tgz").err(),
        Some(PackageError::Archive)
    );
    let twice = read(&[("package/a.json", SET), ("package/b.json", SET)]);
    assert_eq!(
        twice.err(),
        Some(PackageError::Twice("http://x.jp/vs".to_owned()))
    );
    assert_eq!(
        read(&[("package/package.json", NPM)]).err(),
        Some(PackageError::Empty)
    );
    let no_json = read(&[("package/a.json", "{]")]);
    assert!(matches!(no_json.err(), Some(PackageError::Json(name, _)) if name == "package/a.json"));
    let r5 = r#"{"name":"a","version":"1.0.0","fhirVersions":["5.0.0"]}"#;
    let edition = read(&[("package/package.json", r5), ("package/a.json", SET)]);
    assert_eq!(
        edition.err(),
        Some(PackageError::Edition("5.0.0".to_owned()))
    );
    let name = r#"{"name":"../a","version":"1.0.0"}"#;
    let name = read(&[("package/package.json", name), ("package/a.json", SET)]);
    assert_eq!(name.err(), Some(PackageError::Nameless));
}

#[test]
fn an_archive_that_swells_is_stopped() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let mut header = tar::Header::new_ustar();
    header.set_path("package/a.json").expect("a name");
    header.set_size(40 << 20);
    header.set_cksum();
    packed.write_all(header.as_bytes()).expect("bytes");
    for _ in 0..40 {
        packed.write_all(&vec![b' '; 1 << 20]).expect("bytes");
    }
    let bytes = packed.finish().expect("gzip");
    let found = Package::read(&bytes, "a-1.0.tgz");
    assert!(matches!(found.err(), Some(PackageError::Size(_))));
}

#[test]
fn a_stored_package_is_there_at_the_next_start_and_no_other_takes_its_name() {
    let folder = std::env::temp_dir().join(format!("tasuki-packages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("test.tgz");
    let files = [
        ("package/package.json", NPM),
        ("package/ValueSet-vs.json", SET),
    ];
    std::fs::write(&file, archive(&files)).expect("a file");
    let stored = Library::store(&folder, &file).expect("stored");
    assert_eq!(
        (stored.name.as_str(), stored.value_sets),
        ("test.package", 1)
    );
    // Once more changes nothing; another of the same name is refused, and a broken one too.
    Library::store(&folder, &file).expect("stored");
    let other = SET.replace("\"a\"", "\"b\"");
    std::fs::write(
        &file,
        archive(&[files[0], ("package/ValueSet-vs.json", &other)]),
    )
    .expect("a file");
    assert!(matches!(
        Library::store(&folder, &file),
        Err(LoadError::Other(..))
    ));
    std::fs::write(&file, b"broken").expect("a file");
    assert!(matches!(
        Library::store(&folder, &file),
        Err(LoadError::Package(..))
    ));
    let library = Library::load(&folder).expect("loaded");
    assert_eq!(library.loaded().len(), 1);
    assert_eq!(library.loaded(), [stored]);
    std::fs::remove_dir_all(&folder).expect("removed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is changed in an archive, reading it ends, with a package or an error.
    #[test]
    fn a_changed_archive_never_does_harm(at in 0_usize..600, byte in any::<u8>()) {
        let mut bytes = archive(&[("package/package.json", NPM), ("package/ValueSet-vs.json", SET)]);
        let at = at % bytes.len();
        bytes[at] = byte;
        let _either = Package::read(&bytes, "a-1.0.tgz");
    }
}
