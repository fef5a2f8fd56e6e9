//! Changes of a document: JSON Patch and FHIRPath Patch as steps, each exact or refused, and
//! JSON Merge Patch, which some libraries send.
//!
//! Source: RFC 6902 (JSON Patch), RFC 6901 (JSON Pointer), RFC 7396 (Merge Patch); FHIR R4
//! fhirpatch.html.

mod parameters;
mod tree;

use fhir::json::{Document, Node};
use kernel::{Finding, Refusal};

use self::tree::Tree;
use crate::{draft, errors};

/// Most steps of one patch.
const STEPS_MAX: usize = 1_000;
/// Most levels of a document under change, and most bytes that the steps of a patch copy: a
/// few steps that copy a list into itself would outgrow any memory.
const LEVELS_MAX: usize = 64;
const COPIED_BYTES_MAX: usize = 10 << 20;

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pointer(Vec<String>);

impl Pointer {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(Vec::new()));
        }
        let rest = text.strip_prefix('/')?;
        rest.split('/')
            .map(|part| {
                let is_right = !part
                    .split('~')
                    .skip(1)
                    .any(|after| !after.starts_with(['0', '1']));
                is_right.then(|| part.replace("~1", "/").replace("~0", "~"))
            })
            .collect::<Option<Vec<String>>>()
            .map(Self)
    }

    /// Is the other inside this place, and not the same?
    fn holds(&self, other: &Self) -> bool {
        other.0.len() > self.0.len() && other.0.starts_with(&self.0)
    }
}

#[derive(Clone, Debug)]
enum Act {
    Add(Tree),
    Remove,
    Replace(Tree),
    Move(Pointer),
    Copy(Pointer),
    Test(Tree),
}

#[derive(Clone, Debug)]
struct Step {
    place: Pointer,
    act: Act,
}

/// What a patch changes.
#[derive(Clone, Debug)]
enum Change {
    /// Steps of JSON Patch, in their order.
    Steps(Vec<Step>),
    /// Operations of FHIRPath Patch, in their order.
    Operations(Vec<parameters::Operation>),
    /// Members that take the place of those there; `null` takes one away.
    Merge(Tree),
}

/// A patch.
#[derive(Clone, Debug)]
pub struct Patch(Change);

impl Patch {
    /// Reads a patch of this media type: a list of steps, `Parameters`, or members to merge.
    ///
    /// # Errors
    /// [`errors::JSON`]; [`errors::PATCH`] with every step that is malformed.
    pub fn read(media_type: &str, bytes: &[u8]) -> Result<Self, Refusal> {
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("application/json-patch+json") {
            return Self::parse(bytes);
        }
        let document = draft::parse(bytes)?;
        let root = document.root();
        if root.is_array() {
            return Self::steps(root);
        }
        if !root.is_object() {
            return Err(Refusal::at(
                &errors::PATCH,
                "$",
                "an object or a list of steps",
            ));
        }
        if root.str("resourceType") != Some("Parameters") {
            return Ok(Self(Change::Merge(Tree::of(root))));
        }
        let all = root.list("parameter").enumerate().map(|(number, node)| {
            let place = move |member| format!("Parameters.parameter[{number}].{member}");
            parameters::operation(node).map_err(|(member, found)| (place(member), found))
        });
        collect(all).map(|all| Self(Change::Operations(all)))
    }

    /// Reads a JSON Patch.
    ///
    /// # Errors
    /// [`errors::JSON`]; [`errors::PATCH`] with every step that is malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::steps(draft::parse(bytes)?.root())
    }

    fn steps(root: Node<'_>) -> Result<Self, Refusal> {
        if !root.is_array() || root.len() > STEPS_MAX {
            return Err(Refusal::at(&errors::PATCH, "$", "a list of steps"));
        }
        let all = root.items().enumerate().map(|(number, node)| {
            let place = move |member| format!("[{number}].{member}");
            step(node).map_err(|(member, found)| (place(member), found))
        });
        collect(all).map(|all| Self(Change::Steps(all)))
    }

    /// The text after every step.
    ///
    /// # Errors
    /// [`errors::PATCH_FAILS`] with the step that cannot be done, and why.
    pub fn apply(&self, text: &str) -> Result<String, Refusal> {
        let document = Document::parse(text.as_bytes())
            .map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))?;
        let mut tree = Tree::of(document.root());
        let mut left = COPIED_BYTES_MAX;
        match &self.0 {
            Change::Merge(changes) => tree.merge(changes),
            Change::Steps(steps) => {
                for (number, step) in steps.iter().enumerate() {
                    apply(&mut tree, step, &mut left).map_err(|(member, why)| {
                        let place = format!("[{number}].{member}");
                        Refusal::at(&errors::PATCH_FAILS, &place, &why)
                    })?;
                }
            }
            Change::Operations(operations) => {
                for (number, operation) in operations.iter().enumerate() {
                    let done = operation.step(&tree).and_then(|step| match step {
                        Some(step) => apply(&mut tree, &step, &mut left),
                        None => Ok(()),
                    });
                    done.map_err(|(member, why)| {
                        let place = format!("Parameters.parameter[{number}].{member}");
                        Refusal::at(&errors::PATCH_FAILS, &place, &why)
                    })?;
                }
            }
        }
        let mut out = String::with_capacity(text.len());
        tree.write(&mut out);
        Ok(out)
    }
}

type Wrong = (&'static str, String);

/// All of them, or every one that is malformed.
fn collect<T>(all: impl Iterator<Item = Result<T, (String, String)>>) -> Result<Vec<T>, Refusal> {
    let (mut good, mut findings): (Vec<T>, Vec<Finding>) = (Vec::new(), Vec::new());
    for one in all.take(STEPS_MAX) {
        match one {
            Ok(one) => good.push(one),
            Err((place, found)) => {
                findings.extend(Refusal::at(&errors::PATCH, &place, &found).findings);
            }
        }
    }
    if findings.is_empty() {
        Ok(good)
    } else {
        Err(Refusal::with(&errors::PATCH, findings))
    }
}

fn step(node: Node<'_>) -> Result<Step, Wrong> {
    let text = |member: &'static str| {
        let text = node.str(member).ok_or((member, String::new()))?;
        Pointer::parse(text).ok_or_else(|| (member, text.to_owned()))
    };
    let value = || {
        node.get("value")
            .map(Tree::of)
            .ok_or(("value", String::new()))
    };
    let place = text("path")?;
    let act = match node.str("op") {
        Some("add") => Act::Add(value()?),
        Some("remove") => Act::Remove,
        Some("replace") => Act::Replace(value()?),
        Some("move") => Act::Move(text("from")?),
        Some("copy") => Act::Copy(text("from")?),
        Some("test") => Act::Test(value()?),
        other => return Err(("op", other.unwrap_or_default().to_owned())),
    };
    Ok(Step { place, act })
}

/// What a step puts at a place must not be too deep there.
fn check_depth(place: &[String], value: &Tree) -> Result<(), Wrong> {
    let (levels, _) = value.size();
    if place.len().saturating_add(levels) <= LEVELS_MAX {
        return Ok(());
    }
    Err(("path", format!("more than {LEVELS_MAX} levels")))
}

/// Does a step; of `left` bytes that may still be copied it takes its part.
fn apply(tree: &mut Tree, step: &Step, left: &mut usize) -> Result<(), Wrong> {
    let place = &step.place.0;
    let absent = |pointer: &Pointer| format!("nothing at /{}", pointer.0.join("/"));
    match &step.act {
        Act::Add(value) => {
            check_depth(place, value)?;
            tree.add(place, value.clone()).map_err(|why| ("path", why))
        }
        Act::Remove => match tree.remove(place) {
            Some(_) => Ok(()),
            None => Err(("path", absent(&step.place))),
        },
        Act::Replace(value) => match tree.at_mut(place) {
            Some(there) => {
                check_depth(place, value)?;
                *there = value.clone();
                Ok(())
            }
            None => Err(("path", absent(&step.place))),
        },
        Act::Move(from) => {
            if from.holds(&step.place) {
                return Err(("from", "a place cannot move into itself".to_owned()));
            }
            let value = tree.remove(&from.0);
            let value = value.ok_or_else(|| ("from", absent(from)))?;
            check_depth(place, &value)?;
            tree.add(place, value).map_err(|why| ("path", why))
        }
        Act::Copy(from) => {
            let value = tree.at(&from.0);
            let value = value.ok_or_else(|| ("from", absent(from)))?;
            check_depth(place, value)?;
            let (_, bytes) = value.size();
            *left = left
                .checked_sub(bytes)
                .ok_or_else(|| ("from", format!("more than {COPIED_BYTES_MAX} bytes")))?;
            let value = value.clone();
            tree.add(place, value).map_err(|why| ("path", why))
        }
        Act::Test(value) => match tree.at(place) {
            Some(there) if there.equals(value) => Ok(()),
            Some(_) => Err(("value", "another value is there".to_owned())),
            None => Err(("path", absent(&step.place))),
        },
    }
}
