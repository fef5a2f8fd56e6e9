//! The packages that are loaded, and what has been compiled of them so far.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fhir::clins::Checked;
use fhir::json::Node;
use kernel::time::JstDate;

use crate::check;
use crate::compile::{self, Profile};
use crate::package::{Definition, Kind, Package, PackageError};
use crate::terms::{self, Codes, ValueSet};

/// Packages at most.
const PACKAGES_MAX: usize = 64;
/// Where packages lie in the data folder.
pub const FOLDER: &str = "packages";

/// Why the packages of a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder or a file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// A package that is none.
    #[error("{0}: {1}")]
    Package(PathBuf, PackageError),
    /// Another package has this name and version, with other content.
    #[error("{0} {1} is loaded already, with other content")]
    Other(String, String),
    /// More than may be loaded.
    #[error("more than {PACKAGES_MAX} packages")]
    TooMany,
}

/// A loaded package, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its archive, in hexadecimal digits.
    pub sha256: String,
    /// Profiles, extensions and types in it.
    pub structures: usize,
    /// Value sets in it.
    pub value_sets: usize,
    /// Code systems in it.
    pub code_systems: usize,
    /// Packages that it needs and that are not loaded: name and version.
    pub missing: Vec<(String, String)>,
}

/// A definition by the places of its package and its own in it.
type Key = (usize, usize);
/// Loaded packages. A definition is compiled when it is first asked for, and kept; threads share
/// a library without waiting for one another.
#[derive(Debug, Default)]
pub struct Library {
    packages: Vec<Package>,
    index: BTreeMap<Kind, BTreeMap<String, Vec<Key>>>,
}

impl Library {
    /// Nothing loaded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The packages that lie in a data folder; none when there are none.
    ///
    /// # Errors
    /// [`LoadError`] names the file that cannot be used.
    pub fn load(data: &Path) -> Result<Self, LoadError> {
        let mut library = Self::new();
        for file in files(&data.join(FOLDER))? {
            library.add_file(&file)?;
        }
        Ok(library)
    }

    /// Adds the package in a file.
    ///
    /// # Errors
    /// [`LoadError`]: the file cannot be read or is no package.
    pub fn add_file(&mut self, file: &Path) -> Result<(), LoadError> {
        let (package, _) = read(file)?;
        self.add(package)
    }

    /// Adds a package; the same once more changes nothing.
    ///
    /// # Errors
    /// [`LoadError::Other`], [`LoadError::TooMany`].
    pub fn add(&mut self, package: Package) -> Result<(), LoadError> {
        let same =
            |known: &&Package| known.name == package.name && known.version == package.version;
        if let Some(known) = self.packages.iter().find(same) {
            if known.sha256 == package.sha256 {
                return Ok(());
            }
            return Err(LoadError::Other(package.name, package.version));
        }
        if self.packages.len() >= PACKAGES_MAX {
            return Err(LoadError::TooMany);
        }
        let at = self.packages.len();
        for (i, definition) in package.definitions.iter().enumerate() {
            let of_kind = self.index.entry(definition.kind).or_default();
            let same = of_kind.entry(definition.url.clone()).or_default();
            same.push((at, i));
        }
        self.packages.push(package);
        self.sort();
        Ok(())
    }

    /// The definitions of one address: the newest first.
    fn sort(&mut self) {
        let age = |key: &Key| {
            let package = self.packages.get(key.0);
            let own = package.and_then(|p| p.definitions.get(key.1));
            (
                numbers(package.map(|p| p.version.as_str())),
                numbers(own.and_then(|d| d.version.as_deref())),
            )
        };
        for all in self.index.values_mut().flat_map(BTreeMap::values_mut) {
            if all.len() > 1 {
                all.sort_by_cached_key(|key| std::cmp::Reverse(age(key)));
            }
        }
    }

    /// Puts a package's archive into the data folder, whole or not at all.
    ///
    /// # Errors
    /// [`LoadError`]: it is no package, another of its name and version is there, or the folder
    /// cannot be written.
    pub fn store(data: &Path, file: &Path) -> Result<Loaded, LoadError> {
        let (package, bytes) = read(file)?;
        let mut library = Self::load(data)?;
        let folder = data.join(FOLDER);
        let name = format!("{}#{}.tgz", package.name, package.version);
        let (known, sha256) = (folder.join(&name), package.sha256.clone());
        library.add(package)?;
        if !known.exists() {
            let failed = |error| LoadError::File(known.clone(), error);
            std::fs::create_dir_all(&folder).map_err(failed)?;
            let aside = folder.join(format!(".{name}.part"));
            std::fs::write(&aside, bytes).map_err(failed)?;
            std::fs::File::open(&aside)
                .and_then(|written| written.sync_all())
                .map_err(failed)?;
            std::fs::rename(&aside, &known).map_err(failed)?;
            std::fs::File::open(&folder)
                .and_then(|folder| folder.sync_all())
                .map_err(failed)?;
        }
        let all = library.loaded();
        let stored = all.into_iter().find(|loaded| loaded.sha256 == sha256);
        stored.ok_or(LoadError::TooMany)
    }

    /// What is loaded, in the order of loading.
    #[must_use]
    pub fn loaded(&self) -> Vec<Loaded> {
        let has = |(name, version): &(String, String)| {
            // `4.0.x` is met by any 4.0 edition.
            let version = version.trim_end_matches('x');
            self.packages
                .iter()
                .any(|p| p.name == *name && p.version.starts_with(version))
        };
        let told = |package: &Package| Loaded {
            name: package.name.clone(),
            version: package.version.clone(),
            sha256: package.sha256.clone(),
            structures: package.count(Kind::Structure),
            value_sets: package.count(Kind::ValueSet),
            code_systems: package.count(Kind::CodeSystem),
            missing: package
                .dependencies
                .iter()
                .filter(|d| !has(d))
                .cloned()
                .collect(),
        };
        self.packages.iter().map(told).collect()
    }

    /// The addresses of all profiles, extensions and types.
    pub fn structures(&self) -> impl Iterator<Item = &str> {
        let of_kind = self.index.get(&Kind::Structure);
        of_kind
            .into_iter()
            .flat_map(|all| all.keys().map(String::as_str))
    }

    /// Is nothing loaded?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// Is there a profile of this address (with or without `|version`)?
    #[must_use]
    pub fn knows(&self, canonical: &str) -> bool {
        self.find(Kind::Structure, canonical).is_some()
    }

    /// Checks a resource against the profiles that it and the resources in it claim, and every
    /// extension by its definition. R4 itself is not checked here (`fhir::schema` does).
    ///
    /// `on` is the day for which it is checked: `today()` in conditions of profiles.
    #[must_use]
    pub fn check(&self, resource: Node<'_>, on: JstDate) -> Checked {
        check::check(self, resource, &[], on)
    }

    /// As [`Library::check`], and against `profiles` (each with or without `|version`).
    #[must_use]
    pub fn check_as(&self, resource: Node<'_>, profiles: &[&str], on: JstDate) -> Checked {
        check::check(self, resource, profiles, on)
    }

    fn definition(&self, key: Key) -> Option<&Definition> {
        self.packages.get(key.0)?.definitions.get(key.1)
    }

    /// The definition of `canonical`: of its version if that is there, else the newest.
    fn find(&self, kind: Kind, canonical: &str) -> Option<&Definition> {
        let (url, version) = match canonical.split_once('|') {
            Some((url, version)) => (url, Some(version)),
            None => (canonical, None),
        };
        let all = self.index.get(&kind)?.get(url)?;
        let exact = version.and_then(|version| {
            all.iter().find(|key| {
                let own = self.definition(**key).and_then(|d| d.version.as_deref());
                let package = self.packages.get(key.0).map(|p| p.version.as_str());
                own == Some(version) || package == Some(version)
            })
        });
        self.definition(*exact.or_else(|| all.first())?)
    }

    /// A profile; outer `None`: no package has it, inner: its definition cannot be used.
    #[expect(clippy::option_option, reason = "absent, or there and unusable")]
    pub(crate) fn profile(&self, canonical: &str) -> Option<Option<&Profile>> {
        let definition = self.find(Kind::Structure, canonical)?;
        let made = definition.profile.get_or_init(|| {
            let document = definition.read()?;
            compile::profile(document.root()).map(Box::new)
        });
        Some(made.as_deref())
    }

    /// A value set; `None` when no package has it or it cannot be used.
    pub(crate) fn value_set(&self, canonical: &str) -> Option<&ValueSet> {
        let definition = self.find(Kind::ValueSet, canonical)?;
        let made = definition.set.get_or_init(|| {
            let document = definition.read()?;
            terms::value_set(self, document.root()).map(Box::new)
        });
        made.as_deref()
    }

    /// A code system; `None` when no package has all of it.
    pub(crate) fn code_system(&self, canonical: &str) -> Option<&Codes> {
        let definition = self.find(Kind::CodeSystem, canonical)?;
        let made = definition.codes.get_or_init(|| {
            let document = definition.read()?;
            terms::code_system(document.root()).map(Box::new)
        });
        made.as_deref()
    }
}

/// The archives in a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |error| LoadError::File(folder.to_owned(), error);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| {
            !name.starts_with('.') && name.to_ascii_lowercase().ends_with(".tgz")
        }) {
            all.push(path);
        }
    }
    all.sort_unstable();
    Ok(all)
}

/// The package in a file, and the file's bytes.
fn read(file: &Path) -> Result<(Package, Vec<u8>), LoadError> {
    let failed = |error| LoadError::File(file.to_owned(), error);
    let length = std::fs::metadata(file).map_err(failed)?.len();
    let bound = u64::try_from(crate::package::ARCHIVE_BYTES_MAX).unwrap_or(u64::MAX);
    if length > bound {
        let error = PackageError::Size("the archive");
        return Err(LoadError::Package(file.to_owned(), error));
    }
    let bytes = std::fs::read(file).map_err(failed)?;
    let name = file.file_name().and_then(|name| name.to_str());
    let package = Package::read(&bytes, name.unwrap_or_default())
        .map_err(|error| LoadError::Package(file.to_owned(), error))?;
    Ok((package, bytes))
}

/// The numbers of a version, for the order of versions.
fn numbers(version: Option<&str>) -> Vec<u64> {
    let parts = version
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}
