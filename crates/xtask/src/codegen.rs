//! Makes `crates/fhir/src/schema/r4.bin` from the FHIR R4 core package.
//!
//! The structure of R4 (element names, cardinalities, types, the codes of required bindings)
//! is read from the published StructureDefinitions, ValueSets and CodeSystems and written as
//! one small table. The output depends on the input alone: running it again changes no byte.
//! `crates/fhir/src/schema/table.rs` reads it back and describes the format.
//!
//! Source: package `hl7.fhir.r4.core` 4.0.1 (CC0).

pub mod search;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Primitive types in the order of their numbers in the table; `table.rs` has the same list.
const PRIMITIVES: [&str; 21] = [
    "base64Binary",
    "boolean",
    "canonical",
    "code",
    "date",
    "dateTime",
    "decimal",
    "id",
    "instant",
    "integer",
    "markdown",
    "oid",
    "positiveInt",
    "string",
    "time",
    "unsignedInt",
    "uri",
    "url",
    "uuid",
    "xhtml",
    "Resource",
];

/// Numbers of types from here on are frames.
const FRAME_BASE: usize = 32;

const MAGIC: &[u8] = b"R4T1";

/// Reads the package `tgz` and writes the table to `out`.
///
/// # Errors
/// When the package cannot be read, or holds a definition that the table cannot express.
pub fn run(tgz: &Path, out: &Path) -> Result<()> {
    let package = Package::read(tgz)?;
    let bytes = Builder::new(&package).build()?;
    std::fs::write(out, bytes).with_context(|| format!("writing {}", out.display()))
}

/// The definitions of the package, each by its canonical address or name.
struct Package {
    structures: BTreeMap<String, Value>,
    value_sets: BTreeMap<String, Value>,
    code_systems: BTreeMap<String, Value>,
}

impl Package {
    fn read(tgz: &Path) -> Result<Self> {
        let file = File::open(tgz).with_context(|| format!("opening {}", tgz.display()))?;
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let mut package = Self {
            structures: BTreeMap::new(),
            value_sets: BTreeMap::new(),
            code_systems: BTreeMap::new(),
        };
        for entry in archive.entries()? {
            let mut entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            let file = name.rsplit('/').next().unwrap_or_default().to_owned();
            let wanted = ["StructureDefinition-", "ValueSet-", "CodeSystem-"];
            if !wanted.iter().any(|prefix| file.starts_with(prefix)) {
                continue;
            }
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            let value: Value = serde_json::from_str(&text).with_context(|| name.clone())?;
            package.add(value);
        }
        Ok(package)
    }

    fn add(&mut self, value: Value) {
        let url = text(&value, "url").to_owned();
        match text(&value, "resourceType") {
            "StructureDefinition" => {
                let base = text(&value, "derivation") != "constraint";
                if base && text(&value, "kind") != "logical" {
                    self.structures
                        .insert(text(&value, "type").to_owned(), value);
                }
            }
            "ValueSet" => {
                self.value_sets.insert(url, value);
            }
            "CodeSystem" => {
                self.code_systems.insert(url, value);
            }
            _ => {}
        }
    }

    /// The codes of a value set by system; `None` when the package cannot enumerate them.
    fn expand(&self, url: &str, depth: usize) -> Option<BTreeSet<(String, String)>> {
        let url = url.split('|').next()?;
        let compose = self.value_sets.get(url)?.get("compose")?;
        if depth > 8 {
            return None;
        }
        let mut codes = BTreeSet::new();
        for include in list(compose, "include") {
            codes.extend(self.included(include, depth)?);
        }
        for exclude in list(compose, "exclude") {
            for code in self.included(exclude, depth)? {
                codes.remove(&code);
            }
        }
        (!codes.is_empty()).then_some(codes)
    }

    fn included(&self, include: &Value, depth: usize) -> Option<BTreeSet<(String, String)>> {
        let mut found: Option<BTreeSet<(String, String)>> = None;
        if let Some(system) = include.get("system").and_then(Value::as_str) {
            let codes = if include.get("concept").is_some() {
                list(include, "concept")
                    .map(|c| text(c, "code").to_owned())
                    .collect()
            } else {
                self.system_codes(system, include)?
            };
            found = Some(codes.into_iter().map(|c| (system.to_owned(), c)).collect());
        }
        for other in list(include, "valueSet") {
            let codes = self.expand(other.as_str()?, depth + 1)?;
            found = Some(match found {
                None => codes,
                Some(so_far) => so_far.intersection(&codes).cloned().collect(),
            });
        }
        found
    }

    fn system_codes(&self, system: &str, include: &Value) -> Option<Vec<String>> {
        let definition = self.code_systems.get(system)?;
        if text(definition, "content") != "complete" {
            return None;
        }
        let mut concepts = Vec::new();
        walk(definition, &mut Vec::new(), &mut concepts);
        for filter in list(include, "filter") {
            let (property, op, value) = (
                text(filter, "property"),
                text(filter, "op"),
                text(filter, "value"),
            );
            if property != "concept" {
                return None;
            }
            concepts.retain(|(code, above)| match op {
                "is-a" => code == value || above.iter().any(|a| a == value),
                "descendent-of" => above.iter().any(|a| a == value),
                "is-not-a" => code != value && !above.iter().any(|a| a == value),
                _ => false,
            });
            if !matches!(op, "is-a" | "descendent-of" | "is-not-a") {
                return None;
            }
        }
        Some(concepts.into_iter().map(|(code, _)| code).collect())
    }
}

/// Collects each concept with the codes above it.
fn walk(parent: &Value, above: &mut Vec<String>, out: &mut Vec<(String, Vec<String>)>) {
    for concept in list(parent, "concept") {
        let code = text(concept, "code").to_owned();
        let mut ancestors = above.clone();
        // A code system may also name parents as properties (subsumedBy).
        for property in list(concept, "property") {
            if matches!(text(property, "code"), "subsumedBy" | "parent") {
                ancestors.push(text(property, "valueCode").to_owned());
            }
        }
        out.push((code.clone(), ancestors));
        above.push(code);
        walk(concept, above, out);
        above.pop();
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

struct Element {
    name: String,
    choice: bool,
    many: bool,
    min: bool,
    /// Primitive names or frame paths.
    types: Vec<String>,
    set: Option<usize>,
}

struct Frame {
    path: String,
    resource: bool,
    elements: Vec<Element>,
}

struct Builder<'a> {
    package: &'a Package,
    frames: Vec<Frame>,
    sets: Vec<BTreeSet<(String, String)>>,
    set_of_url: BTreeMap<String, Option<usize>>,
}

impl<'a> Builder<'a> {
    fn new(package: &'a Package) -> Self {
        Self {
            package,
            frames: Vec::new(),
            sets: Vec::new(),
            set_of_url: BTreeMap::new(),
        }
    }

    fn build(mut self) -> Result<Vec<u8>> {
        let package = self.package;
        for (name, definition) in &package.structures {
            match text(definition, "kind") {
                "resource" | "complex-type" => self.structure(name, definition)?,
                _ => {}
            }
        }
        if self.frames.is_empty() {
            bail!("the package holds no structure definition");
        }
        self.frames.sort_by(|a, b| a.path.cmp(&b.path));
        self.encode()
    }

    /// One type: a frame for itself and one for each element that has children.
    fn structure(&mut self, name: &str, definition: &Value) -> Result<()> {
        let is_concrete = definition.get("abstract") != Some(&Value::Bool(true));
        let resource = text(definition, "kind") == "resource" && is_concrete;
        let snapshot = definition.get("snapshot").context("no snapshot")?;
        let elements: Vec<&Value> = list(snapshot, "element").collect();
        let parents: BTreeSet<&str> = elements
            .iter()
            .filter_map(|e| text(e, "path").rsplit_once('.').map(|(parent, _)| parent))
            .collect();
        for parent in parents {
            let mut frame = Frame {
                path: parent.to_owned(),
                resource: resource && parent == name,
                elements: Vec::new(),
            };
            for element in &elements {
                match text(element, "path").rsplit_once('.') {
                    Some((above, last)) if above == parent => {
                        let has_children = elements.iter().any(|e| {
                            text(e, "path")
                                .strip_prefix(text(element, "path"))
                                .is_some_and(|rest| rest.starts_with('.'))
                        });
                        frame
                            .elements
                            .push(self.element(element, last, has_children)?);
                    }
                    _ => {}
                }
            }
            self.frames.push(frame);
        }
        Ok(())
    }

    fn element(&mut self, element: &Value, last: &str, has_children: bool) -> Result<Element> {
        let path = text(element, "path");
        let (name, choice) = match last.strip_suffix("[x]") {
            Some(stem) => (stem, true),
            None => (last, false),
        };
        let many = match text(element, "max") {
            "1" => false,
            "*" => true,
            other => bail!("{path}: max {other}"),
        };
        let min = match element.get("min").and_then(Value::as_u64) {
            Some(0) => false,
            Some(1) => true,
            other => bail!("{path}: min {other:?}"),
        };
        let mut types = Vec::new();
        if has_children {
            types.push(path.to_owned());
        } else if let Some(reference) = element.get("contentReference").and_then(Value::as_str) {
            types.push(reference.trim_start_matches('#').to_owned());
        } else {
            for t in list(element, "type") {
                types.push(type_name(t, path));
            }
        }
        types.dedup();
        let set = self.binding(element, &types);
        Ok(Element {
            name: name.to_owned(),
            choice,
            many,
            min,
            types,
            set,
        })
    }

    /// The code set of a required binding that the package can enumerate.
    fn binding(&mut self, element: &Value, types: &[String]) -> Option<usize> {
        let binding = element.get("binding")?;
        let coded = types
            .iter()
            .any(|t| matches!(t.as_str(), "code" | "Coding" | "CodeableConcept"));
        if text(binding, "strength") != "required" || !coded {
            return None;
        }
        let url = text(binding, "valueSet").to_owned();
        if let Some(known) = self.set_of_url.get(&url) {
            return *known;
        }
        let index = self.package.expand(&url, 0).map(|codes| {
            self.sets
                .iter()
                .position(|s| *s == codes)
                .unwrap_or_else(|| {
                    self.sets.push(codes);
                    self.sets.len() - 1
                })
        });
        self.set_of_url.insert(url, index);
        index
    }

    fn encode(&self) -> Result<Vec<u8>> {
        let mut strings = BTreeSet::new();
        for frame in &self.frames {
            strings.insert(frame.path.as_str());
            strings.extend(frame.elements.iter().map(|e| e.name.as_str()));
        }
        for (system, code) in self.sets.iter().flatten() {
            strings.extend([system.as_str(), code.as_str()]);
        }
        let index: BTreeMap<&str, usize> =
            strings.iter().enumerate().map(|(i, s)| (*s, i)).collect();
        let frame_index: BTreeMap<&str, usize> = self
            .frames
            .iter()
            .enumerate()
            .map(|(i, f)| (f.path.as_str(), i))
            .collect();
        let mut out = MAGIC.to_vec();
        put(&mut out, strings.len());
        for string in &strings {
            put(&mut out, string.len());
            out.extend_from_slice(string.as_bytes());
        }
        self.encode_sets(&mut out, &index)?;
        put(&mut out, self.frames.len());
        for frame in &self.frames {
            put(&mut out, number(&index, &frame.path)?);
            put(&mut out, usize::from(frame.resource));
            put(&mut out, frame.elements.len());
            for element in &frame.elements {
                put(&mut out, number(&index, &element.name)?);
                let flags = [element.choice, element.many, element.min];
                let bits = flags
                    .iter()
                    .rev()
                    .fold(0, |bits, f| bits * 2 + usize::from(*f));
                put(&mut out, bits);
                put(&mut out, element.set.map_or(0, |set| set + 1));
                put(&mut out, element.types.len());
                for name in &element.types {
                    let number = PRIMITIVES
                        .iter()
                        .position(|p| p == name)
                        .or_else(|| frame_index.get(name.as_str()).map(|i| FRAME_BASE + i));
                    let number = number
                        .with_context(|| format!("{}.{}: {name}", frame.path, element.name))?;
                    put(&mut out, number);
                }
            }
        }
        Ok(out)
    }

    fn encode_sets(&self, out: &mut Vec<u8>, index: &BTreeMap<&str, usize>) -> Result<()> {
        put(out, self.sets.len());
        for set in &self.sets {
            let mut systems: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (system, code) in set {
                systems.entry(system).or_default().push(code);
            }
            put(out, systems.len());
            for (system, codes) in systems {
                put(out, number(index, system)?);
                put(out, codes.len());
                for code in codes {
                    put(out, number(index, code)?);
                }
            }
        }
        Ok(())
    }
}

/// A string's place in the table.
fn number(index: &BTreeMap<&str, usize>, string: &str) -> Result<usize> {
    index
        .get(string)
        .copied()
        .context("a string that was not collected")
}

/// The FHIR type of an element's `type`; the primitives' own values have a FHIRPath type.
fn type_name(t: &Value, path: &str) -> String {
    let code = text(t, "code");
    if !code.starts_with("http://hl7.org/fhirpath/") {
        return code.to_owned();
    }
    // A resource's own `id` is published as a string too; the reader of the table knows better.
    let last = path.rsplit('.').next().unwrap_or_default();
    if last == "url" { "uri" } else { "string" }.to_owned()
}

/// A number in seven-bit groups, least first.
fn put(out: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7F).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_is_what_the_package_gives() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tgz = root.join("../../../shared/data/fhir/hl7.fhir.r4.core-4.0.1-cleaned.tgz");
        if !tgz.exists() {
            eprintln!("SKIPPED: R4 table ({} is absent)", tgz.display());
            return;
        }
        let package = Package::read(&tgz).expect("readable");
        let bytes = Builder::new(&package).build().expect("expressible");
        let committed = std::fs::read(root.join("../fhir/src/schema/r4.bin")).expect("committed");
        assert!(bytes == committed, "run the generator again");
    }
}
