//! The walk: each resource once, then order, page, and what comes along.

use std::collections::{BTreeMap, BTreeSet};

use fhir::{
    json::Document,
    search::{Env, Kind, evaluate, instant_key, meets, of, sort_key},
};
use kernel::Refusal;
use store::{Stop, StoreError};

use super::query::{Clause, Include, Query, Sort};
use crate::{codes::asked, errors, model::Resource};

/// Resources that come along with one page.
const INCLUDED_MAX: usize = 1_000;
/// Rounds of `:iterate`.
const ROUNDS_MAX: usize = 3;
/// Between the keys of a cursor, and for a key that is not there.
const BETWEEN: char = '\u{1f}';
const ABSENT: &str = "\u{1e}";

/// Where resources come from.
pub trait Shelf {
    /// Every current resource of a type.
    ///
    /// # Errors
    /// The store's, and when there are too many.
    fn all(&mut self, kind: &str) -> Result<Vec<Resource>, Stop>;

    /// The current resources of a type that may have one of these codes at a parameter, and
    /// perhaps others; `None` where nothing is kept by which they are found.
    ///
    /// # Errors
    /// As [`Shelf::all`].
    fn coded(
        &mut self,
        kind: &str,
        param: &'static str,
        codes: &[&str],
    ) -> Result<Option<Vec<Resource>>, Stop> {
        let _ = (kind, param, codes);
        Ok(None)
    }

    /// One resource, by its type and id.
    ///
    /// # Errors
    /// The store's.
    fn one(&mut self, kind: &str, id: &str) -> Result<Option<Resource>, Stop>;
}

/// A page of a search.
#[derive(Debug, Default)]
pub struct Page {
    /// What was found.
    pub matches: Vec<Resource>,
    /// What comes along.
    pub included: Vec<Resource>,
    /// How many meet the search, over all pages.
    pub total: usize,
    /// Where the next page begins.
    pub next: Option<String>,
    /// The Patient to whom an identifier led, for links that do not repeat it.
    pub patient: Option<String>,
}

struct Match {
    keys: Vec<Option<String>>,
    resource: Resource,
}

fn parse(resource: &Resource) -> Result<Document, Stop> {
    Document::parse(resource.text.as_bytes())
        .map_err(|_| Stop::Failed(StoreError::Corrupt("a resource's text")))
}

/// Runs a search on a shelf; `after` is a cursor that an earlier page gave.
///
/// # Errors
/// The shelf's.
pub fn run(
    query: &Query,
    shelf: &mut dyn Shelf,
    env: Env<'_>,
    after: Option<&str>,
) -> Result<Page, Stop> {
    let mut found = Vec::new();
    let mut walk = Walk {
        env,
        known: BTreeMap::new(),
    };
    for resource in candidates(query, shelf)? {
        let document = parse(&resource)?;
        if walk.meets_all(query, &resource, &document, shelf)? {
            let keys = keys(&query.sort, &resource, &document);
            found.push(Match { keys, resource });
        }
    }
    found.sort_by(|one, other| order(&query.sort, one, other));
    let total = found.len();
    if let Some(after) = after {
        let from = Cursor::read(after);
        found.retain(|one| from.is_before(&query.sort, one));
    }
    let has_more = found.len() > query.count;
    found.truncate(query.count);
    let next = found.last().filter(|_| has_more).map(cursor);
    let matches: Vec<Resource> = found.into_iter().map(|one| one.resource).collect();
    let included = walk.along(query, &matches, shelf)?;
    Ok(Page {
        matches,
        included,
        total,
        next,
        patient: None,
    })
}

/// What may meet the search at all: few when it names ids or codes.
fn candidates(query: &Query, shelf: &mut dyn Shelf) -> Result<Vec<Resource>, Stop> {
    let ids = query.clauses.iter().find_map(|clause| match clause {
        Clause::Id(ids) => Some(ids),
        _ => None,
    });
    let Some(ids) = ids else {
        if let Some((param, codes)) = asked(&query.clauses)
            && let Some(found) = shelf.coded(&query.kind, param, &codes)?
        {
            return Ok(found);
        }
        return shelf.all(&query.kind);
    };
    let ids: BTreeSet<&String> = ids.iter().collect();
    let mut found = Vec::new();
    for id in ids {
        found.extend(shelf.one(&query.kind, id)?);
    }
    Ok(found)
}

fn keys(sorts: &[Sort], resource: &Resource, document: &Document) -> Vec<Option<String>> {
    let updated = instant_key(resource.at.micros());
    if sorts.is_empty() {
        return vec![Some(updated)];
    }
    let key = |sort: &Sort| match sort.by {
        Some(param) => sort_key(param, document.root(), sort.is_descending),
        None if sort.by_id => Some(resource.id.clone()),
        None => Some(updated.clone()),
    };
    sorts.iter().map(key).collect()
}

/// Without a wish, what was written last comes first; what lacks a key comes last; the id
/// settles the rest.
fn order_of(
    sorts: &[Sort],
    (one, one_id): (&[Option<String>], &str),
    (other, other_id): (&[Option<String>], &str),
) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    for (place, pair) in one.iter().zip(other).enumerate() {
        let is_descending = sorts.get(place).is_none_or(|sort| sort.is_descending);
        let ordered = match pair {
            (Some(one), Some(other)) if is_descending => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if ordered != Ordering::Equal {
            return ordered;
        }
    }
    one_id.cmp(other_id)
}

fn order(sorts: &[Sort], one: &Match, other: &Match) -> std::cmp::Ordering {
    order_of(
        sorts,
        (&one.keys, &one.resource.id),
        (&other.keys, &other.resource.id),
    )
}

fn cursor(last: &Match) -> String {
    let mut text = last.resource.id.clone();
    for key in &last.keys {
        text.push(BETWEEN);
        text.push_str(key.as_deref().unwrap_or(ABSENT));
    }
    text
}

/// The last resource of the page before.
struct Cursor {
    id: String,
    keys: Vec<Option<String>>,
}

impl Cursor {
    fn read(text: &str) -> Self {
        let mut parts = text.split(BETWEEN);
        let id = parts.next().unwrap_or_default().to_owned();
        let keys = parts.map(|key| (key != ABSENT).then(|| key.to_owned()));
        Self {
            id,
            keys: keys.collect(),
        }
    }

    fn is_before(&self, sorts: &[Sort], one: &Match) -> bool {
        let here = (self.keys.as_slice(), self.id.as_str());
        let there = (one.keys.as_slice(), one.resource.id.as_str());
        order_of(sorts, here, there) == std::cmp::Ordering::Less
    }
}

/// What a walk has read of other resources.
struct Walk<'e> {
    env: Env<'e>,
    known: BTreeMap<String, Option<Document>>,
}

impl Walk<'_> {
    fn meets_all(
        &mut self,
        query: &Query,
        resource: &Resource,
        document: &Document,
        shelf: &mut dyn Shelf,
    ) -> Result<bool, Stop> {
        for clause in &query.clauses {
            let meets = match clause {
                Clause::Id(ids) => ids.contains(&resource.id),
                Clause::Updated(criterion) => {
                    let meta = format!("{{\"meta\":{{\"lastUpdated\":\"{}\"}}}}", resource.at);
                    let meta = Document::parse(meta.as_bytes());
                    meta.is_ok_and(|meta| meets(criterion, meta.root(), self.env))
                }
                Clause::Says(criterion) => meets(criterion, document.root(), self.env),
                Clause::Chain(param, ways) => {
                    let mut any = false;
                    for reference in self.references(&param.paths, document) {
                        let way = ways.iter().find(|(kind, _)| *kind == reference.0);
                        let Some((_, criterion)) = way else { continue };
                        let env = self.env;
                        if let Some(other) = self.look(&reference, shelf)? {
                            any = any || meets(criterion, other.root(), env);
                        }
                    }
                    any
                }
            };
            if !meets {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Type and id of what the paths refer to on this server.
    fn references(
        &self,
        paths: &[fhir::search::Path],
        document: &Document,
    ) -> Vec<(String, String)> {
        let found = evaluate(paths, document.root());
        let own = found.iter().filter_map(|one| {
            let text = one.node.str("reference").or_else(|| one.node.as_str())?;
            let own = text.strip_prefix(self.env.base).unwrap_or(text);
            let own = own.split_once("/_history/").map_or(own, |(own, _)| own);
            let (kind, id) = own.split_once('/')?;
            fhir::schema::is_resource_type(kind).then(|| (kind.to_owned(), id.to_owned()))
        });
        own.collect()
    }

    fn look(
        &mut self,
        (kind, id): &(String, String),
        shelf: &mut dyn Shelf,
    ) -> Result<Option<&Document>, Stop> {
        let key = format!("{kind}/{id}");
        if !self.known.contains_key(&key) {
            let found = shelf.one(kind, id)?;
            let found = found.map(|found| parse(&found)).transpose()?;
            self.known.insert(key.clone(), found);
        }
        Ok(self.known.get(&key).and_then(Option::as_ref))
    }

    /// What comes along with a page.
    fn along(
        &self,
        query: &Query,
        matches: &[Resource],
        shelf: &mut dyn Shelf,
    ) -> Result<Vec<Resource>, Stop> {
        if query.includes.is_empty() && query.reverse.is_empty() {
            return Ok(Vec::new());
        }
        let mut seen: BTreeSet<String> = matches.iter().map(Resource::reference).collect();
        let mut all: Vec<Resource> = Vec::new();
        let mut from: Vec<Resource> = matches.to_vec();
        for round in 0..ROUNDS_MAX {
            let mut new = Vec::new();
            let counts = |include: &&Include| round == 0 || include.is_iterated;
            for include in query.includes.iter().filter(counts) {
                self.forward(include, &from, shelf, &mut new)?;
            }
            for include in query.reverse.iter().filter(counts) {
                self.backward(include, &from, shelf, &mut new)?;
            }
            new.retain(|one| seen.insert(one.reference()));
            if new.is_empty() {
                break;
            }
            all.extend(new.iter().cloned());
            // A part of it would look like the whole.
            if all.len() > INCLUDED_MAX {
                let found = format!("> {INCLUDED_MAX}");
                let refusal = Refusal::at(&errors::SEARCH_INCLUDED, "_include", &found);
                return Err(Stop::Refused(refusal));
            }
            from = new;
        }
        Ok(all)
    }

    fn forward(
        &self,
        include: &Include,
        from: &[Resource],
        shelf: &mut dyn Shelf,
        new: &mut Vec<Resource>,
    ) -> Result<(), Stop> {
        for resource in from.iter().filter(|one| one.kind == include.kind) {
            let document = parse(resource)?;
            for (kind, id) in self.targets(include, &document) {
                if include.target.as_ref().is_none_or(|target| *target == kind) {
                    new.extend(shelf.one(&kind, &id)?);
                }
            }
        }
        Ok(())
    }

    fn backward(
        &self,
        include: &Include,
        from: &[Resource],
        shelf: &mut dyn Shelf,
        new: &mut Vec<Resource>,
    ) -> Result<(), Stop> {
        let wanted: BTreeSet<(String, String)> = from
            .iter()
            .map(|one| (one.kind.clone(), one.id.clone()))
            .collect();
        for resource in shelf.all(&include.kind)? {
            let document = parse(&resource)?;
            let targets = self.targets(include, &document);
            if targets.iter().any(|target| wanted.contains(target)) {
                new.push(resource);
            }
        }
        Ok(())
    }

    fn targets(&self, include: &Include, document: &Document) -> Vec<(String, String)> {
        match include.param {
            Some(param) => self.references(&param.paths, document),
            None => of(&include.kind)
                .filter(|param| param.kind == Kind::Reference)
                .flat_map(|param| self.references(&param.paths, document))
                .collect(),
        }
    }
}
