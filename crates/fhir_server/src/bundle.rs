//! A batch or transaction as it is sent: read and judged whole, its inner references found.
//!
//! CPU work only. A reference to another entry (its `fullUrl`), and a conditional reference,
//! leave a gap in the text that is filled when the ids are known.
//!
//! Source: FHIR R4 http.html#transaction, #trules; bundle.html#references.

mod address;
mod linked;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use fhir::json::{Document, Node};
use kernel::{Entry, Finding, Refusal};

use self::{
    address::{Address, check_bundle, check_entry, patch_of},
    linked::Linked,
};
use crate::{
    api::{condition_of, version_of},
    codes::Codes,
    draft::{self, Draft},
    errors,
    patch::Patch,
    search::{Query, reads_people},
};

/// Most entries.
pub const ENTRIES_MAX: usize = 10_000;
/// Most findings of one refusal.
const FINDINGS_MAX: usize = 1_000;

/// What a gap is filled with.
#[derive(Clone, Debug)]
pub enum To {
    /// The reference to this entry's resource.
    Entry(usize),
    /// The reference to the one resource that meets a condition.
    Where(Box<Query>),
}

/// A gap in a text.
#[derive(Clone, Debug)]
pub struct Gap {
    /// Where, in bytes.
    pub place: Range<usize>,
    /// What comes there.
    pub to: To,
    /// Does it stand in a `reference`?
    pub is_reference: bool,
}

/// A resource with gaps.
#[derive(Clone, Debug)]
pub struct Body {
    /// The resource.
    pub draft: Draft,
    /// In order of place.
    pub gaps: Vec<Gap>,
}

impl Body {
    /// The text with each gap filled.
    #[must_use]
    pub fn filled(&self, with: &[String]) -> String {
        let text = self.draft.text.as_str();
        let mut out = String::with_capacity(text.len() + self.gaps.len() * 32);
        let mut at = 0;
        for (gap, with) in self.gaps.iter().zip(with) {
            out.push_str(text.get(at..gap.place.start).unwrap_or_default());
            out.push_str(with);
            at = gap.place.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}

/// Which resource an entry is about.
#[derive(Clone, Debug)]
pub enum Target {
    /// By type and id.
    Id(String, String),
    /// The one that meets a condition.
    Where(Box<Query>),
}

/// What an entry asks for.
#[derive(Clone, Debug)]
pub enum Act {
    /// POST
    Create(Box<Body>, Option<Box<Query>>),
    /// PUT
    Update(Target, Box<Body>, Option<i64>),
    /// PATCH
    Patch(Target, Patch, Option<i64>),
    /// DELETE
    Delete(Target, Option<i64>),
    /// GET of one resource, or one version of it.
    Read(String, String, Option<i64>),
    /// GET of a search.
    Search(Box<Query>),
}

impl Act {
    /// Does it only read?
    #[must_use]
    pub const fn is_read(&self) -> bool {
        matches!(self, Self::Read(..) | Self::Search(_))
    }

    /// The type of resource.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Create(body, _) | Self::Update(_, body, _) => &body.draft.kind,
            Self::Patch(Target::Id(kind, _), ..)
            | Self::Delete(Target::Id(kind, _), _)
            | Self::Read(kind, ..) => kind,
            Self::Patch(Target::Where(query), ..)
            | Self::Delete(Target::Where(query), _)
            | Self::Search(query) => &query.kind,
        }
    }
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its place in the Bundle.
    pub at: usize,
    /// What it asks for.
    pub act: Act,
}

/// A batch or a transaction.
#[derive(Debug)]
pub struct Incoming {
    /// All or nothing?
    pub is_transaction: bool,
    /// The entries, or why one cannot be understood.
    pub items: Vec<Result<Item, Refusal>>,
}

impl Incoming {
    /// Reads the body of `POST /fhir`.
    ///
    /// # Errors
    /// [`errors::JSON`]; [`errors::BUNDLE`] when it is neither batch nor transaction. Of a
    /// transaction, every finding of every entry.
    pub fn read(bytes: &[u8], origin: &str) -> Result<Self, Refusal> {
        let document = draft::parse(bytes)?;
        let root = document.root();
        if root.str("resourceType") != Some("Bundle") {
            let found = root.str("resourceType").unwrap_or_default();
            return Err(Refusal::at(&errors::BUNDLE, "resourceType", found));
        }
        check_bundle(root)?;
        let is_transaction = match root.str("type") {
            Some("transaction") => true,
            Some("batch") => false,
            other => {
                let found = other.unwrap_or_default();
                return Err(Refusal::at(&errors::BUNDLE, "Bundle.type", found));
            }
        };
        if root.get("entry").map_or(0, Node::len) > ENTRIES_MAX {
            return Err(Refusal::at(&errors::BUNDLE, "Bundle.entry", "> 10000"));
        }
        let mut links = Links::default();
        if is_transaction {
            links = Links::of(&document)?;
        }
        let items: Vec<Result<Item, Refusal>> = root
            .list("entry")
            .enumerate()
            .map(|(at, entry)| {
                let reader = Reader {
                    links: &links,
                    origin,
                    base: entry.str("fullUrl").and_then(base_of),
                    at,
                };
                let act = reader.act(entry);
                act.map(|act| Item { at, act })
                    .map_err(|refusal| at_entry(at, refusal))
            })
            .collect();
        if is_transaction {
            refuse_all(&items)?;
            refuse_twice(&items)?;
        }
        Ok(Self {
            is_transaction,
            items,
        })
    }
}

/// A refusal's places as they stand in the Bundle.
pub(crate) fn at_entry(at: usize, mut refusal: Refusal) -> Refusal {
    let here = format!("Bundle.entry[{at}]");
    if refusal.findings.is_empty() {
        refusal.findings = Refusal::at(refusal.entry, &here, "").findings;
    }
    for finding in &mut refusal.findings {
        if !finding.path.starts_with(&here) {
            // A place inside a resource begins with its type.
            let path = finding.path.as_str();
            let kind = path.split(['.', '[']).next().unwrap_or_default();
            finding.path = if path.is_empty() {
                here.clone()
            } else if kind.starts_with(|c: char| c.is_ascii_uppercase()) {
                let rest = path.strip_prefix(kind).unwrap_or_default();
                format!("{here}.resource{rest}")
            } else {
                format!("{here}.{path}")
            };
        }
    }
    refusal
}

/// Every finding of every entry, under the entry of the first.
fn refuse_all(items: &[Result<Item, Refusal>]) -> Result<(), Refusal> {
    let refusals: Vec<&Refusal> = items
        .iter()
        .filter_map(|item| item.as_ref().err())
        .collect();
    let Some(first) = refusals.first() else {
        return Ok(());
    };
    let all = refusals.iter().flat_map(|refusal| refusal.findings.iter());
    let findings: Vec<Finding> = all.take(FINDINGS_MAX).cloned().collect();
    Err(Refusal::with(first.entry, findings))
}

/// A transaction changes each resource once.
fn refuse_twice(items: &[Result<Item, Refusal>]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for item in items.iter().flatten() {
        let target = match &item.act {
            Act::Update(target, ..) | Act::Patch(target, ..) | Act::Delete(target, _) => target,
            _ => continue,
        };
        if let Target::Id(kind, id) = target
            && !seen.insert((kind, id))
        {
            let place = format!("Bundle.entry[{}].request.url", item.at);
            return Err(Refusal::at(
                &errors::BUNDLE,
                &place,
                &format!("{kind}/{id}"),
            ));
        }
    }
    Ok(())
}

/// The entries by their full addresses.
#[derive(Default)]
struct Links(BTreeMap<String, usize>);

impl Links {
    fn of(document: &Document) -> Result<Self, Refusal> {
        let mut links = BTreeMap::new();
        for (at, entry) in document.root().list("entry").enumerate() {
            let Some(url) = entry.str("fullUrl") else {
                continue;
            };
            let method = entry
                .get("request")
                .and_then(|request| request.str("method"));
            let is_new = method == Some("POST") || url.starts_with("urn:");
            if is_new && links.insert(url.to_owned(), at).is_some() {
                let place = format!("Bundle.entry[{at}].fullUrl");
                return Err(Refusal::at(&errors::BUNDLE, &place, url));
            }
        }
        Ok(Self(links))
    }

    /// The entry that a text of an entry with this base leads to: by the whole address, or, of
    /// a reference, by `Type/id` behind the base.
    ///
    /// Source: FHIR R4 bundle.html#references.
    fn find(&self, text: &str, base: Option<&str>, is_reference: bool) -> Option<usize> {
        let is_absolute = text.starts_with("urn:") || text.contains("://");
        // A code that happens to read like a relative address is none.
        if !is_absolute && !is_reference {
            return None;
        }
        if let Some(entry) = self.0.get(text) {
            return Some(*entry);
        }
        let base = base.filter(|_| !is_absolute)?;
        self.0.get(&format!("{base}{text}")).copied()
    }
}

/// The server at which an entry's resource has its address: what stands before `Type/id`.
fn base_of(url: &str) -> Option<&str> {
    let (rest, _) = url.rsplit_once('/').filter(|_| url.starts_with("http"))?;
    let (base, _) = rest.rsplit_once('/')?;
    url.get(..base.len().checked_add(1)?)
}

struct Reader<'r> {
    links: &'r Links,
    origin: &'r str,
    /// Against what relative references of this entry are resolved.
    base: Option<&'r str>,
    at: usize,
}

fn bad(entry: &'static Entry, path: &str, found: &str) -> Refusal {
    Refusal::at(entry, path, found)
}

impl Reader<'_> {
    fn act(&self, entry: Node<'_>) -> Result<Act, Refusal> {
        check_entry(entry)?;
        let request = entry.get("request");
        let request = request.ok_or_else(|| bad(&errors::BUNDLE, "request", ""))?;
        let method = request.str("method").unwrap_or_default();
        let url = request
            .str("url")
            .ok_or_else(|| bad(&errors::BUNDLE, "request.url", ""))?;
        let address = Address::parse(url, self.origin)?;
        let known = match request.str("ifMatch") {
            Some(etag) => Some(
                version_of(etag).ok_or_else(|| bad(&errors::CONDITION, "request.ifMatch", etag))?,
            ),
            None => None,
        };
        let resource = || {
            let node = entry.get("resource");
            node.ok_or_else(|| bad(&errors::BUNDLE, "resource", ""))
        };
        match (method, &address.id, &address.query) {
            ("POST", None, None) => {
                let condition = match request.str("ifNoneExist") {
                    Some(text) => Some(condition_of(text, &address.kind, self.origin)?),
                    None => None,
                };
                let body = self.body(resource()?, &address.kind)?;
                Ok(Act::Create(Box::new(body), condition.map(Box::new)))
            }
            ("PUT", ..) => {
                let target = self.target(&address)?;
                let body = self.body(resource()?, &address.kind)?;
                if let Target::Id(_, id) = &target
                    && body.draft.id.as_ref() != Some(id)
                {
                    let found = body.draft.id.as_deref().unwrap_or_default();
                    return Err(bad(&errors::ID, "resource.id", found));
                }
                Ok(Act::Update(target, Box::new(body), known))
            }
            ("PATCH", ..) => {
                let patch = patch_of(resource()?)?;
                Ok(Act::Patch(self.target(&address)?, patch, known))
            }
            ("DELETE", ..) => Ok(Act::Delete(self.target(&address)?, known)),
            ("GET" | "HEAD", Some(id), None) => {
                Ok(Act::Read(address.kind.clone(), id.clone(), address.version))
            }
            ("GET" | "HEAD", None, query) => {
                let pairs = query.clone().unwrap_or_default();
                let query = self.query(&address.kind, &pairs)?;
                Ok(Act::Search(Box::new(query)))
            }
            ("POST" | "GET" | "HEAD", ..) => Err(bad(&errors::BUNDLE, "request.url", url)),
            _ => Err(bad(&errors::BUNDLE, "request.method", method)),
        }
    }

    fn target(&self, address: &Address) -> Result<Target, Refusal> {
        match (&address.id, &address.query) {
            (Some(id), None) => Ok(Target::Id(address.kind.clone(), id.clone())),
            (None, Some(pairs)) => {
                let query = self.query(&address.kind, pairs)?;
                if !query.is_condition() {
                    return Err(bad(&errors::CONDITION, "request.url", &address.kind));
                }
                Ok(Target::Where(Box::new(query)))
            }
            _ => Err(bad(&errors::BUNDLE, "request.url", &address.kind)),
        }
    }

    fn query(&self, kind: &str, pairs: &[(String, String)]) -> Result<Query, Refusal> {
        Query::parse(kind, pairs, self.origin)
    }

    fn body(&self, node: Node<'_>, kind: &str) -> Result<Body, Refusal> {
        if let Some(named) = node.str("resourceType").filter(|named| *named != kind) {
            return Err(bad(&errors::ID, "resource.resourceType", named));
        }
        let place = format!("Bundle.entry[{}].resource", self.at);
        let mut draft = Draft::judge(node, &place)?;
        let mut writer = Linked {
            reader: self,
            out: String::new(),
            gaps: Vec::new(),
            inner: Vec::new(),
            fault: None,
        };
        writer.write(node, "");
        if let Some(fault) = writer.fault {
            return Err(fault);
        }
        draft.text = writer.out;
        // What a condition leads to is not known yet, and who another entry is neither.
        let inner = writer.inner;
        let is_outer = |one: &String| !one.contains('?') && !inner.contains(one);
        draft.patients.retain(is_outer);
        draft.others.retain(is_outer);
        // Nor what a code will be that is the address of another entry.
        if writer.gaps.iter().any(|gap| !gap.is_reference) {
            draft.codes = Codes::Any;
        }
        Ok(Body {
            draft,
            gaps: writer.gaps,
        })
    }
}

/// Does the search in an entry's address hold a person's number? The body of a request is no
/// address, so it may; but the answer's links must not repeat it.
#[must_use]
pub fn holds_number(query: &Query) -> bool {
    let mut names = query.pairs.iter().map(|(name, _)| name);
    names.any(|name| reads_people(&query.kind, name))
}
