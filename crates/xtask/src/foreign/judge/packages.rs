//! What the validator needs: its libraries, and the definitions by which it judges.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::super::Town;

/// The published definitions, beside the project.
const PUBLISHED: &str = "../shared/data/fhir";
/// R4.
const CORE: &str = "hl7.fhir.r4.core-4.0.1-cleaned.tgz";
/// The guides: JP Core in the edition that JP-CLINS 1.5 builds on, JP-CLINS, checkup reports.
/// The earlier one holds where two define the same: the last has older copies.
const GUIDES: [&str; 3] = [
    "jp-core-1.1.2-compiled-with-snapshots.tgz",
    "jp-clins-1.5.3-conformance.tgz",
    "jp-echeckup-1.5.0-conformance.tgz",
];
/// The media types that the files have. BCP 13 is a registry and no file, and without a
/// terminology server the validator refuses all of them.
const MEDIA: [&str; 9] = [
    "application/fhir+json",
    "application/json-patch+json",
    "application/pdf",
    "application/xml",
    "image/jpeg",
    "image/png",
    "json",
    "text/plain",
    "text/xml",
];
/// What of a guide is judged by; the rest of it are examples and descriptions.
const DEFINITIONS: [&str; 4] = [
    "StructureDefinition-",
    "CodeSystem-",
    "ValueSet-",
    "NamingSystem-",
];

/// The validator is a library here, as the last version that carries its own command. Two
/// repositories that its own description names are not asked.
const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>tasuki</groupId><artifactId>judge</artifactId><version>1</version>
<repositories>
<repository><id>jitpack.io</id><url>file:///dev/null</url><releases><enabled>false</enabled></releases><snapshots><enabled>false</enabled></snapshots></repository>
<repository><id>github-releases</id><url>file:///dev/null</url><releases><enabled>false</enabled></releases><snapshots><enabled>false</enabled></snapshots></repository>
</repositories>
<dependencies>
<dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>org.hl7.fhir.validation</artifactId><version>6.4.4</version></dependency>
<dependency><groupId>org.fhir</groupId><artifactId>ucum</artifactId><version>1.0.8</version></dependency>
<dependency><groupId>com.squareup.okhttp3</groupId><artifactId>okhttp</artifactId><version>4.9.3</version></dependency>
<dependency><groupId>com.github.ben-manes.caffeine</groupId><artifactId>caffeine</artifactId><version>2.9.3</version></dependency>
</dependencies></project>
"#;
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

/// Packages that it wants to be there and that a judgement by the guides needs nothing of.
const EMPTY: [(&str, &str); 3] = [
    ("hl7.fhir.xver-extensions", "0.1.0"),
    ("hl7.terminology", "6.1.0"),
    ("hl7.fhir.uv.extensions", "5.1.0"),
];

/// Its libraries, unless they are there; why they cannot be had.
pub fn libraries(town: &Town, home: &Path) -> Result<Option<String>> {
    let stamp = home.join("lib.pom");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == POM) {
        return Ok(None);
    }
    if town.offline {
        return Ok(Some("--offline".to_owned()));
    }
    fs::write(home.join("pom.xml"), POM)?;
    let mut command = Command::new("mvn");
    command.args(["--quiet", "--batch-mode", "--file"]);
    command.arg(home.join("pom.xml")).arg(COPY);
    command.arg(format!("-DoutputDirectory={}", home.join("lib").display()));
    let (lines, ended) = town.lines(&mut command)?;
    if ended.is_some() {
        let why = lines.iter().find(|line| line.contains("ERROR"));
        let why = why.cloned().unwrap_or_default();
        return Ok(Some(format!("its libraries cannot be fetched: {why}")));
    }
    fs::write(stamp, POM)?;
    Ok(None)
}

/// Lays its package cache and the guides; the guides' folders, or nothing when one of the
/// published packages is absent.
pub fn lay(root: &Path, home: &Path) -> Result<Option<Vec<PathBuf>>> {
    let published = root.join(PUBLISHED);
    let cache = home.join(".fhir/packages");
    for (name, version) in EMPTY {
        let folder = cache.join(format!("{name}#{version}/package"));
        fs::create_dir_all(&folder)?;
        let about = serde_json::json!({
            "name": name, "version": version, "fhirVersions": ["4.0.1"], "dependencies": {},
        });
        fs::write(folder.join("package.json"), about.to_string())?;
    }
    let core = published.join(CORE);
    if !core.is_file() {
        return Ok(None);
    }
    // The published package has an operation twice, which its index would still name.
    let folder = cache.join("hl7.fhir.r4.core#4.0.1/package");
    unpack(&core, &folder, |name| {
        !name.starts_with("OperationDefinition-") && !name.starts_with(".index")
    })?;
    let mut folders = vec![media(home)?];
    let mut known = BTreeSet::new();
    for guide in GUIDES {
        let archive = published.join(guide);
        if !archive.is_file() {
            return Ok(None);
        }
        let folder = home.join("guides").join(guide.trim_end_matches(".tgz"));
        unpack(&archive, &folder, |name| {
            DEFINITIONS.iter().any(|kind| name.starts_with(kind))
        })?;
        mend(&folder, &mut known)?;
        folders.push(folder);
    }
    Ok(Some(folders))
}

/// Lays the media types; their folder.
fn media(home: &Path) -> Result<PathBuf> {
    let folder = home.join("guides/media-types");
    fs::create_dir_all(&folder)?;
    let system = serde_json::json!({
        "resourceType": "CodeSystem", "id": "bcp-13", "url": "urn:ietf:bcp:13",
        "version": "1", "status": "active", "content": "complete", "caseSensitive": true,
        "concept": MEDIA.map(|code| serde_json::json!({ "code": code })),
    });
    fs::write(folder.join("CodeSystem-bcp-13.json"), system.to_string())?;
    Ok(folder)
}

/// Leaves each definition once, and takes away slices of slices, of which the published Bundles
/// of documents have one and at which the validator stops altogether. What lies in such a slice
/// names its profile itself.
fn mend(folder: &Path, known: &mut BTreeSet<String>) -> Result<()> {
    let files: std::io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = files?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        let mut definition: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let url = definition.get("url").and_then(Value::as_str);
        let url = url.unwrap_or_default().to_owned();
        let is_named = !url.is_empty();
        if !known.insert(url) && is_named {
            fs::remove_file(&path)?;
        } else if unreslice(&mut definition) {
            fs::write(&path, definition.to_string())?;
        }
    }
    Ok(())
}

/// Whether there were any.
fn unreslice(definition: &mut Value) -> bool {
    let mut found = false;
    for part in ["snapshot", "differential"] {
        let elements = definition.pointer_mut(&format!("/{part}/element"));
        let Some(elements) = elements.and_then(Value::as_array_mut) else {
            continue;
        };
        let id = |element: &Value| {
            let id = element.get("id").and_then(Value::as_str);
            id.unwrap_or_default().to_owned()
        };
        let all = elements.len();
        elements.retain(|element| !id(element).contains('/'));
        if elements.len() < all {
            found = true;
            let sliced = elements
                .iter_mut()
                .filter(|one| one.get("sliceName").is_some());
            for element in sliced.filter_map(Value::as_object_mut) {
                element.remove("slicing");
            }
        }
    }
    found
}

/// Unpacks the wanted files of an archive, whatever its folders, once.
fn unpack(archive: &Path, folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    let stamp = PathBuf::from(format!("{}.laid", folder.display()));
    if stamp.is_file() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let file = File::open(archive).with_context(|| format!("opening {}", archive.display()))?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| wanted(name)) else {
            continue;
        };
        if entry.header().entry_type().is_file() {
            entry.unpack(folder.join(name))?;
        }
    }
    fs::write(stamp, "")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_of_a_slice_goes_and_its_slice_is_one_like_others() {
        let mut definition = serde_json::json!({ "snapshot": { "element": [
            { "id": "Bundle.entry", "slicing": { "rules": "open" } },
            { "id": "Bundle.entry:result", "sliceName": "result", "slicing": { "rules": "open" } },
            { "id": "Bundle.entry:result/laboratory", "sliceName": "result/laboratory" },
            { "id": "Bundle.entry:result/laboratory.resource" },
        ] } });
        assert!(unreslice(&mut definition));
        let left = serde_json::json!([
            { "id": "Bundle.entry", "slicing": { "rules": "open" } },
            { "id": "Bundle.entry:result", "sliceName": "result" },
        ]);
        assert_eq!(definition.pointer("/snapshot/element"), Some(&left));
        assert!(!unreslice(&mut definition));
    }
}
