//! A published package: a compressed archive of definitions, read with bounds on everything.
//!
//! The texts of its definitions are kept compressed; a definition is read when it is first asked
//! for, so that a package of 30 MB rests in a few.
//!
//! Source: the NPM form of FHIR packages (`package/package.json`); archives that publishers of
//! Japanese guides hand out have no `package.json`, then the archive's folder, its
//! ImplementationGuide or its file name tells name and version.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::OnceLock;

use fhir::json::{Document, Limits, Node};
use flate2::read::GzDecoder;

use crate::compile::Profile;
use crate::terms::{Codes, ValueSet};

/// Bytes of an archive at most.
pub const ARCHIVE_BYTES_MAX: usize = 64 << 20;
/// Bytes of everything in it at most.
const WHOLE_BYTES_MAX: u64 = 512 << 20;
/// Bytes of one file at most.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// Files at most.
const FILES_MAX: usize = 20_000;
/// Levels of a definition: those of the longest published ones stay below 30.
const DEPTH_MAX: usize = 64;
/// Strength of the compression at rest: quick, and a tenth of the size.
const LEVEL: i32 = 3;

/// Why an archive is no usable package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// Not a compressed archive, or one that breaks off.
    #[error("not a whole .tgz archive")]
    Archive,
    /// A bound is passed.
    #[error("too large: {0}")]
    Size(&'static str),
    /// A file that would lie outside of the archive's folder, a link, or a name that is no text.
    #[error("a file with a place that is not allowed: {0}")]
    Place(String),
    /// A file that is not JSON.
    #[error("{0} is not JSON as it must be: {1}")]
    Json(String, String),
    /// Two definitions of the same kind, address and version.
    #[error("{0} is defined twice")]
    Twice(String),
    /// Nothing says what the package is called.
    #[error("the package has neither package.json nor a file name NAME-VERSION")]
    Nameless,
    /// No definition in it.
    #[error("there is no definition in the package")]
    Empty,
    /// For another edition of FHIR.
    #[error("for FHIR {0}, not R4")]
    Edition(String),
}

/// What a definition defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A profile, an extension or a type.
    Structure,
    /// A value set.
    ValueSet,
    /// A code system.
    CodeSystem,
}

/// A definition, its text compressed, and what was made of it when it was first asked for
/// (`None` inside: it cannot be used).
pub(crate) struct Definition {
    pub kind: Kind,
    pub url: String,
    pub version: Option<String>,
    text: Vec<u8>,
    bytes: usize,
    pub profile: OnceLock<Option<Box<Profile>>>,
    pub set: OnceLock<Option<Box<ValueSet>>>,
    pub codes: OnceLock<Option<Box<Codes>>>,
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.kind, self.url)
    }
}

impl Definition {
    /// The definition itself.
    pub fn read(&self) -> Option<Document> {
        let text = zstd::bulk::decompress(&self.text, self.bytes).ok()?;
        Document::parse_within(&text, limits()).ok()
    }
}

fn limits() -> Limits {
    Limits {
        bytes_max: usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX),
        depth_max: DEPTH_MAX,
    }
}

/// A package, read and found whole.
#[derive(Debug)]
pub struct Package {
    /// Its name, such as `hl7.fhir.r4.core`.
    pub name: String,
    /// Its version, such as `4.0.1`.
    pub version: String,
    /// The packages that it says it needs: name and version.
    pub dependencies: Vec<(String, String)>,
    /// SHA-256 of the archive, in hexadecimal digits.
    pub sha256: String,
    pub(crate) definitions: Vec<Definition>,
}

/// What the files tell of the package itself.
#[derive(Default)]
struct About {
    name: Option<String>,
    version: Option<String>,
    editions: Vec<String>,
    dependencies: Vec<(String, String)>,
}

impl Package {
    /// Reads an archive. `file_name` names the package when nothing in it does.
    ///
    /// # Errors
    /// [`PackageError`]: the archive is broken, too large, or not of this form; then nothing of
    /// it is used.
    pub fn read(bytes: &[u8], file_name: &str) -> Result<Self, PackageError> {
        if bytes.len() > ARCHIVE_BYTES_MAX {
            return Err(PackageError::Size("the archive"));
        }
        let mut about = About::default();
        let mut definitions = Vec::new();
        let mut seen = BTreeMap::new();
        let whole = GzDecoder::new(bytes).take(WHOLE_BYTES_MAX + 1);
        let mut archive = tar::Archive::new(whole);
        let entries = archive.entries().map_err(|_| PackageError::Archive)?;
        let (mut count, mut size) = (0, 0_u64);
        for entry in entries {
            let mut entry = entry.map_err(|_| PackageError::Archive)?;
            count += 1;
            if count > FILES_MAX {
                return Err(PackageError::Size("the number of files"));
            }
            size = size.saturating_add(entry.size());
            if entry.size() > FILE_BYTES_MAX || size > WHOLE_BYTES_MAX {
                return Err(PackageError::Size("what is in the archive"));
            }
            let Some(path) = place(&entry)? else { continue };
            if !wanted(&path) {
                continue;
            }
            let mut text = Vec::new();
            let read = entry.read_to_end(&mut text);
            read.map_err(|_| PackageError::Archive)?;
            let document = Document::parse_within(&text, limits())
                .map_err(|error| PackageError::Json(path.clone(), error.to_string()))?;
            if path.rsplit('/').next() == Some("package.json") {
                about.of_npm(document.root());
            } else if let Some(definition) = definition(document.root(), &text)? {
                let key = (
                    definition.kind,
                    definition.url.clone(),
                    definition.version.clone(),
                );
                if seen.insert(key, ()).is_some() {
                    return Err(PackageError::Twice(definition.url));
                }
                definitions.push(definition);
            } else {
                about.of_guide(document.root());
            }
        }
        if definitions.is_empty() {
            return Err(PackageError::Empty);
        }
        let strange = about.editions.iter().find(|e| !e.starts_with("4.0"));
        if let Some(edition) =
            strange.filter(|_| !about.editions.iter().any(|e| e.starts_with("4.0")))
        {
            return Err(PackageError::Edition(edition.clone()));
        }
        let (name, version) = about.named(file_name).ok_or(PackageError::Nameless)?;
        let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        Ok(Self {
            name,
            version,
            dependencies: about.dependencies,
            sha256: kernel::hex::encode(sha256.as_ref()),
            definitions,
        })
    }

    /// How many definitions of a kind it has.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.definitions.iter().filter(|d| d.kind == kind).count()
    }

    /// Bytes of its definitions as they rest in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.definitions.iter().map(|d| d.text.len()).sum()
    }
}

/// The place of a plain file; `None` for folders and notes of the archive itself.
fn place<R: Read>(entry: &tar::Entry<'_, R>) -> Result<Option<String>, PackageError> {
    let raw = entry.path_bytes();
    let shown = String::from_utf8_lossy(&raw).into_owned();
    let kind = entry.header().entry_type();
    if kind.is_dir() || kind.is_pax_global_extensions() {
        return Ok(None);
    }
    let Ok(path) = std::str::from_utf8(&raw) else {
        return Err(PackageError::Place(shown));
    };
    let strange = path.starts_with('/')
        || path.contains(['\\', '\0'])
        || path.split('/').any(|part| part == "..");
    if strange || !kind.is_file() {
        return Err(PackageError::Place(shown));
    }
    Ok(Some(path.to_owned()))
}

/// Definitions lie in the first folder; what lies deeper are examples and tests of the guide.
fn wanted(path: &str) -> bool {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut parts = path.split('/');
    let file = parts.next_back().unwrap_or_default();
    let json = file.len() > 5 && file.get(file.len() - 5..).is_some_and(|end| end == ".json");
    json && !file.starts_with('.') && parts.count() <= 1
}

fn definition(root: Node<'_>, text: &[u8]) -> Result<Option<Definition>, PackageError> {
    let kind = match root.str("resourceType") {
        Some("StructureDefinition") => Kind::Structure,
        Some("ValueSet") => Kind::ValueSet,
        Some("CodeSystem") => Kind::CodeSystem,
        _ => return Ok(None),
    };
    let Some(url) = root.str("url") else {
        return Ok(None);
    };
    Ok(Some(Definition {
        kind,
        url: url.to_owned(),
        version: root.str("version").map(str::to_owned),
        text: zstd::bulk::compress(text, LEVEL).map_err(|_| PackageError::Archive)?,
        bytes: text.len(),
        profile: OnceLock::new(),
        set: OnceLock::new(),
        codes: OnceLock::new(),
    }))
}

impl About {
    fn of_npm(&mut self, root: Node<'_>) {
        self.name = root.str("name").map(str::to_owned);
        self.version = root.str("version").map(str::to_owned);
        let texts = |key: &str| root.list(key).filter_map(Node::as_str).map(str::to_owned);
        self.editions = texts("fhirVersions")
            .chain(texts("fhir-version-list"))
            .collect();
        let needed = root.get("dependencies").into_iter().flat_map(Node::entries);
        self.dependencies = needed
            .filter_map(|(name, version)| Some((name.to_owned(), version.as_str()?.to_owned())))
            .collect();
    }

    fn of_guide(&mut self, root: Node<'_>) {
        if root.str("resourceType") != Some("ImplementationGuide") || self.name.is_some() {
            return;
        }
        let id = root.str("packageId").or_else(|| root.str("id"));
        if let (Some(id), Some(version)) = (id, root.str("version")) {
            self.name = Some(id.to_owned());
            self.version = Some(version.to_owned());
            for needed in root.list("dependsOn") {
                if let (Some(name), Some(version)) =
                    (needed.str("packageId"), needed.str("version"))
                {
                    self.dependencies
                        .push((name.to_owned(), version.to_owned()));
                }
            }
        }
    }

    /// Name and version, both of letters that a folder's name may have.
    fn named(&self, file_name: &str) -> Option<(String, String)> {
        let told = self.name.clone().zip(self.version.clone());
        let (name, version) = told.or_else(|| by_file_name(file_name))?;
        let fits = |text: &str, max: usize| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
            (1..=max).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.')
        };
        let fits = fits(&name, 128) && fits(&version, 64);
        fits.then_some((name, version))
    }
}

/// `jp-clins-1.5.3-conformance.tgz` is `jp-clins` 1.5.3.
fn by_file_name(file_name: &str) -> Option<(String, String)> {
    let stem = file_name.rsplit('/').next()?;
    let stem = stem
        .strip_suffix(".tgz")
        .or_else(|| stem.strip_suffix(".tar.gz"))?;
    let parts: Vec<&str> = stem.split(['-', '#']).collect();
    let is_version =
        |part: &&str| part.starts_with(|c: char| c.is_ascii_digit()) && part.contains('.');
    let at = parts.iter().position(is_version).filter(|at| *at > 0)?;
    let name = parts.get(..at)?.join("-");
    Some((name, (*parts.get(at)?).to_owned()))
}
