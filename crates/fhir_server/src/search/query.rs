//! The question of a search, read whole: every parameter is understood or refused.
//!
//! Source: FHIR R4 search.html.

use fhir::search::{self, Criterion, Fault, Kind, Param, param};
use kernel::{Entry, Refusal};

use super::Shape;
use crate::{draft::patient_id, errors};

/// Entries of a page unless the caller says otherwise, and at most.
pub(crate) const COUNT: usize = 50;
pub(crate) const COUNT_MAX: usize = 1_000;
/// Parameters of one search, sort keys, and rounds of `:iterate`.
const PARAMETERS_MAX: usize = 100;
const SORT_MAX: usize = 5;

/// One condition that a resource must meet.
#[derive(Clone, Debug)]
pub enum Clause {
    /// Its id is one of these.
    Id(Vec<String>),
    /// When it was written.
    Updated(Criterion),
    /// What it says.
    Says(Criterion),
    /// What a resource says that it refers to: the reference, the types that count, and for
    /// each of them the condition.
    Chain(&'static Param, Vec<(String, Criterion)>),
}

/// Resources that come along: those that a match refers to, or that refer to a match.
#[derive(Clone, Debug)]
pub struct Include {
    /// The type that holds the reference.
    pub kind: String,
    /// The reference; `None` for each.
    pub param: Option<&'static Param>,
    /// The type on the other end; `None` for any.
    pub target: Option<String>,
    /// Does it go on from what came along?
    pub is_iterated: bool,
}

/// One key of the order.
#[derive(Clone, Debug)]
pub struct Sort {
    /// By what; `None` is the time of writing.
    pub by: Option<&'static Param>,
    /// By the id alone.
    pub by_id: bool,
    /// Greatest first.
    pub is_descending: bool,
}

/// Is it told how many there are?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Total {
    /// Not told.
    None,
    /// Told, exactly.
    #[default]
    Accurate,
}

/// A search.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which type.
    pub kind: String,
    /// All must be met.
    pub clauses: Vec<Clause>,
    /// Ids of the Patients that it names, as given.
    pub patients: Vec<String>,
    /// An identifier by which it names its patient: system and value.
    pub identifier: Option<(String, String)>,
    /// The order.
    pub sort: Vec<Sort>,
    /// Entries of a page.
    pub count: usize,
    /// Is the total told?
    pub total: Total,
    /// How much is shown.
    pub shape: Shape,
    /// What matches refer to.
    pub includes: Vec<Include>,
    /// What refers to matches.
    pub reverse: Vec<Include>,
    /// Where the page begins, as a link said.
    pub cursor: Option<String>,
    /// The parameters as they stand in the links, without the page.
    pub pairs: Vec<(String, String)>,
}

struct Faults(Option<Refusal>);

impl Faults {
    fn add(&mut self, entry: &'static Entry, name: &str, found: &str) {
        let one = Refusal::at(entry, name, found);
        match &mut self.0 {
            Some(refusal) => refusal.findings.extend(one.findings),
            None => self.0 = Some(one),
        }
    }
}

/// Does the parameter lead from a number to a person? Such do not belong into an address.
#[must_use]
pub fn reads_people(kind: &str, name: &str) -> bool {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let code = first.split(':').next().unwrap_or(first);
    match kind {
        "Patient" => matches!(
            code,
            "identifier"
                | "name"
                | "family"
                | "given"
                | "phone"
                | "telecom"
                | "email"
                | "phonetic"
                | "birthdate"
                | "address"
        ),
        _ => {
            let leads = param(kind, code).is_some_and(|p| p.leads_to("Patient"));
            leads && (rest.starts_with("identifier") || first.ends_with(":identifier"))
        }
    }
}

impl Query {
    /// Reads the parameters of a search for resources of type `kind`.
    ///
    /// # Errors
    /// `TSK-FHR-019` to `TSK-FHR-021` with every parameter that is not understood.
    pub fn parse(kind: &str, pairs: &[(String, String)], origin: &str) -> Result<Self, Refusal> {
        let mut query = Self {
            kind: kind.to_owned(),
            clauses: Vec::new(),
            patients: Vec::new(),
            identifier: None,
            sort: Vec::new(),
            count: COUNT,
            total: Total::default(),
            shape: Shape::Whole,
            includes: Vec::new(),
            reverse: Vec::new(),
            cursor: None,
            pairs: Vec::new(),
        };
        let mut faults = Faults(None);
        if pairs.len() > PARAMETERS_MAX {
            faults.add(&errors::SEARCH_VALUE, "", "> 100 parameters");
        }
        for (name, value) in pairs.iter().take(PARAMETERS_MAX) {
            if name == "_page" {
                query.cursor = Some(value.clone());
                continue;
            }
            if matches!(name.as_str(), "_format" | "_pretty") {
                continue;
            }
            query.pairs.push((name.clone(), value.clone()));
            if let Err(entry) = query.take(name, value, origin) {
                faults.add(entry, name, value);
            }
        }
        match faults.0 {
            Some(refusal) => Err(refusal),
            None => Ok(query),
        }
    }

    /// Does it ask anything of a resource, so that it can be a condition?
    #[must_use]
    pub fn is_condition(&self) -> bool {
        self.identifier.is_some() || !self.clauses.is_empty()
    }

    fn take(&mut self, name: &str, value: &str, origin: &str) -> Result<(), &'static Entry> {
        match name {
            "_count" => {
                let count: usize = value.parse().map_err(|_| &errors::SEARCH_VALUE)?;
                if count == 0 {
                    self.shape = Shape::Count;
                }
                self.count = count.clamp(1, COUNT_MAX);
            }
            "_total" => {
                self.total = match value {
                    "none" => Total::None,
                    "estimate" | "accurate" => Total::Accurate,
                    _ => return Err(&errors::SEARCH_VALUE),
                };
            }
            "_summary" => {
                self.shape = match value {
                    "true" => Shape::Summary,
                    "text" => Shape::Text,
                    "data" => Shape::Data,
                    "count" => Shape::Count,
                    "false" => Shape::Whole,
                    _ => return Err(&errors::SEARCH_VALUE),
                };
            }
            "_elements" => {
                let names = value.split(',').map(str::trim).filter(|n| !n.is_empty());
                self.shape = Shape::Elements(names.map(str::to_owned).collect());
            }
            "_sort" => self.sort = self.sorts(value)?,
            "_include" | "_include:iterate" | "_include:recurse" => {
                let include = self.include(name, value)?;
                self.includes.push(include);
            }
            "_revinclude" | "_revinclude:iterate" | "_revinclude:recurse" => {
                let include = self.include(name, value)?;
                self.reverse.push(include);
            }
            "_id" => {
                let ids: Vec<String> = value.split(',').map(str::to_owned).collect();
                self.clauses.push(Clause::Id(ids));
            }
            _ => self.condition(name, value, origin)?,
        }
        Ok(())
    }

    fn condition(&mut self, name: &str, value: &str, origin: &str) -> Result<(), &'static Entry> {
        if let Some((first, rest)) = name.split_once('.') {
            return self.chain(first, rest, value);
        }
        let (code, modifier) = match name.split_once(':') {
            Some((code, modifier)) => (code, Some(modifier)),
            None => (name, None),
        };
        let param = param(&self.kind, code).ok_or(&errors::SEARCH_PARAMETER)?;
        if param.kind == Kind::Special || param.code == "_id" {
            return Err(&errors::SEARCH_PARAMETER);
        }
        let criterion = Criterion::parse(param, modifier, value).map_err(entry_of)?;
        if code == "_lastUpdated" {
            self.clauses.push(Clause::Updated(criterion));
            return Ok(());
        }
        let leads = param.leads_to("Patient");
        match modifier {
            Some("identifier") if leads => {
                self.identifier = Some(identifier(value).ok_or(&errors::SEARCH_VALUE)?);
            }
            None | Some("Patient") if leads => {
                for one in value.split(',') {
                    let is_bare = !one.contains('/');
                    if let Some(id) = patient_id(one, origin) {
                        self.patients.push(id.to_owned());
                    } else if is_bare && (code == "patient" || modifier.is_some()) {
                        self.patients.push(one.to_owned());
                    }
                }
            }
            None if self.kind == "Patient" && code == "identifier" => {
                self.identifier = identifier(value);
            }
            _ => {}
        }
        // By identifier the patient is found first; a resource need not repeat it.
        if !(leads && modifier == Some("identifier")) {
            self.clauses.push(Clause::Says(criterion));
        }
        Ok(())
    }

    fn chain(&mut self, first: &str, rest: &str, value: &str) -> Result<(), &'static Entry> {
        let (code, ty) = match first.split_once(':') {
            Some((code, ty)) => (code, Some(ty)),
            None => (first, None),
        };
        let reference = param(&self.kind, code).filter(|p| p.kind == Kind::Reference);
        let reference = reference.ok_or(&errors::SEARCH_PARAMETER)?;
        // One step only.
        if rest.contains('.') {
            return Err(&errors::SEARCH_MODIFIER);
        }
        if rest == "identifier" && reference.leads_to("Patient") && ty != Some("Group") {
            let only = ty.is_none_or(|ty| ty == "Patient");
            if only && (code == "patient" || ty.is_some() || code == "subject") {
                self.identifier = Some(identifier(value).ok_or(&errors::SEARCH_VALUE)?);
                return Ok(());
            }
        }
        let (inner, modifier) = match rest.split_once(':') {
            Some((inner, modifier)) => (inner, Some(modifier)),
            None => (rest, None),
        };
        let mut ways = Vec::new();
        let mut fault = None;
        for target in reference
            .targets
            .iter()
            .filter(|t| ty.is_none_or(|ty| ty == **t))
        {
            let Some(param) = param(target, inner).filter(|p| p.kind != Kind::Special) else {
                continue;
            };
            match Criterion::parse(param, modifier, value) {
                Ok(criterion) => ways.push(((*target).to_owned(), criterion)),
                Err(other) => fault = Some(other),
            }
        }
        match (ways.is_empty(), fault) {
            (false, _) => {
                self.clauses.push(Clause::Chain(reference, ways));
                Ok(())
            }
            (true, Some(fault)) => Err(entry_of(fault)),
            (true, None) => Err(&errors::SEARCH_PARAMETER),
        }
    }

    fn sorts(&self, value: &str) -> Result<Vec<Sort>, &'static Entry> {
        let mut sorts = Vec::new();
        for word in value.split(',') {
            let (code, is_descending) = match word.strip_prefix('-') {
                Some(code) => (code, true),
                None => (word, false),
            };
            let by = match code {
                "_id" | "_lastUpdated" => None,
                code => Some(param(&self.kind, code).ok_or(&errors::SEARCH_PARAMETER)?),
            };
            if by.is_some_and(|p| matches!(p.kind, Kind::Composite | Kind::Special)) {
                return Err(&errors::SEARCH_MODIFIER);
            }
            sorts.push(Sort {
                by,
                by_id: code == "_id",
                is_descending,
            });
        }
        if sorts.len() > SORT_MAX {
            return Err(&errors::SEARCH_VALUE);
        }
        Ok(sorts)
    }

    fn include(&self, name: &str, value: &str) -> Result<Include, &'static Entry> {
        let is_iterated = name.contains(':');
        let mut parts = value.split(':');
        let kind = parts.next().unwrap_or_default();
        if value == "*" && name.starts_with("_include") {
            return Ok(Include {
                kind: self.kind.clone(),
                param: None,
                target: None,
                is_iterated,
            });
        }
        let code = parts.next().unwrap_or_default();
        let target = parts.next();
        let is_type = |ty: &str| fhir::schema::is_resource_type(ty);
        if !is_type(kind) || parts.next().is_some() || target.is_some_and(|ty| !is_type(ty)) {
            return Err(&errors::SEARCH_VALUE);
        }
        let param = match code {
            "*" => None,
            code => {
                let found = search::param(kind, code).filter(|p| p.kind == Kind::Reference);
                Some(found.ok_or(&errors::SEARCH_PARAMETER)?)
            }
        };
        Ok(Include {
            kind: kind.to_owned(),
            param,
            target: target.map(str::to_owned),
            is_iterated,
        })
    }
}

const fn entry_of(fault: Fault) -> &'static Entry {
    match fault {
        Fault::Modifier => &errors::SEARCH_MODIFIER,
        Fault::Value => &errors::SEARCH_VALUE,
    }
}

/// One `system|value`, exactly.
fn identifier(value: &str) -> Option<(String, String)> {
    let (system, value) = value.split_once('|')?;
    let is_one = !system.is_empty() && !value.is_empty() && !value.contains([',', '|']);
    is_one.then(|| {
        let system = fhir::clins::system::canonical(system);
        (system.to_owned(), value.to_owned())
    })
}
