//! JSON Patch: steps that change a document, each exact or refused.
//!
//! Source: RFC 6902 (JSON Patch), RFC 6901 (JSON Pointer).

mod tree;

use fhir::json::{Document, Node};
use kernel::{Finding, Refusal};

use self::tree::Tree;
use crate::{draft, errors};

/// Most steps of one patch.
const STEPS_MAX: usize = 1_000;

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

/// The steps of a patch, in their order.
#[derive(Clone, Debug)]
pub struct Patch(Vec<Step>);

impl Patch {
    /// Reads a JSON Patch.
    ///
    /// # Errors
    /// [`errors::JSON`]; [`errors::PATCH`] with every step that is malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let document = draft::parse(bytes)?;
        let root = document.root();
        if !root.is_array() || root.len() > STEPS_MAX {
            return Err(Refusal::at(&errors::PATCH, "$", "a list of steps"));
        }
        let mut findings: Vec<Finding> = Vec::new();
        let mut steps = Vec::new();
        for (number, node) in root.items().enumerate() {
            match step(node) {
                Ok(step) => steps.push(step),
                Err((member, found)) => {
                    let place = format!("[{number}].{member}");
                    findings.extend(Refusal::at(&errors::PATCH, &place, &found).findings);
                }
            }
        }
        if findings.is_empty() {
            Ok(Self(steps))
        } else {
            Err(Refusal::with(&errors::PATCH, findings))
        }
    }

    /// The text after every step.
    ///
    /// # Errors
    /// [`errors::PATCH_FAILS`] with the step that cannot be done, and why.
    pub fn apply(&self, text: &str) -> Result<String, Refusal> {
        let document = Document::parse(text.as_bytes())
            .map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))?;
        let mut tree = Tree::of(document.root());
        for (number, step) in self.0.iter().enumerate() {
            if let Err((member, why)) = apply(&mut tree, step) {
                let place = format!("[{number}].{member}");
                return Err(Refusal::at(&errors::PATCH_FAILS, &place, &why));
            }
        }
        let mut out = String::with_capacity(text.len());
        tree.write(&mut out);
        Ok(out)
    }
}

type Wrong = (&'static str, String);

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

fn apply(tree: &mut Tree, step: &Step) -> Result<(), Wrong> {
    let place = &step.place.0;
    let absent = |pointer: &Pointer| format!("nothing at /{}", pointer.0.join("/"));
    match &step.act {
        Act::Add(value) => tree.add(place, value.clone()).map_err(|why| ("path", why)),
        Act::Remove => match tree.remove(place) {
            Some(_) => Ok(()),
            None => Err(("path", absent(&step.place))),
        },
        Act::Replace(value) => match tree.at_mut(place) {
            Some(there) => {
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
            tree.add(place, value).map_err(|why| ("path", why))
        }
        Act::Copy(from) => {
            let value = tree.at(&from.0).cloned();
            let value = value.ok_or_else(|| ("from", absent(from)))?;
            tree.add(place, value).map_err(|why| ("path", why))
        }
        Act::Test(value) => match tree.at(place) {
            Some(there) if there.equals(value) => Ok(()),
            Some(_) => Err(("value", "another value is there".to_owned())),
            None => Err(("path", absent(&step.place))),
        },
    }
}
