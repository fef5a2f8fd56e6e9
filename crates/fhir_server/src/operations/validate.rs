//! `$validate`: every finding about a resource that nobody keeps, as of today or another date.
//!
//! The answer is 200 with an OperationOutcome whatever the verdict; only a request that holds
//! nothing to judge is refused.
//!
//! Source: HL7 FHIR R4 operation-resource-validate.html.

use std::sync::Arc;

use fhir::{
    clins,
    json::{Document, Node},
    outcome::{self, Severity},
    schema,
};
use kernel::{Finding, Refusal, time::JstDate};
use profiles::Library;
use web::{Answer, Request};

use super::{errors, only};
use crate::{
    api::speech::check_format,
    errors as server,
    ops::{self, Partition},
};

/// What is asked.
struct Asked {
    /// The type in the address.
    kind: Option<String>,
    /// The id in the address.
    id: Option<String>,
    mode: Option<String>,
    profile: Option<String>,
    /// Whose rules.
    on: JstDate,
    /// Packages that an operator loaded.
    library: Arc<Library>,
}

/// What was found.
#[derive(Default)]
struct Verdict {
    refusals: Vec<Finding>,
    warnings: Vec<Finding>,
}

pub(super) async fn validate(request: Request) -> Result<Answer, Refusal> {
    let verdict = judged(&request).await?;
    // Nothing is kept, but that somebody asked is recorded.
    request.write(|_| Ok(())).await?;
    Ok(Answer::fhir(200, told(&verdict)))
}

/// At the address of a resource, which must be there.
pub(super) async fn validate_update(request: Request) -> Result<Answer, Refusal> {
    let (kind, id) = (request.param("type").to_owned(), request.param("id").to_owned());
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            ops::read(call, &own, &kind, &id)
        })
        .await?;
    let verdict = judged(&request).await?;
    Ok(Answer::fhir(200, told(&verdict)))
}

async fn judged(request: &Request) -> Result<Verdict, Refusal> {
    check_format(request)?;
    only(request, &["on", "mode", "profile"])?;
    let today = request.at().jst_date();
    let on = match request.query("on") {
        None => today,
        Some(text) => {
            JstDate::parse(text).ok_or_else(|| Refusal::at(&errors::VALUE, "on", text))?
        }
    };
    let part = |name| Some(request.param(name).to_owned()).filter(|part| !part.is_empty());
    let asked = Asked {
        kind: part("type"),
        id: part("id"),
        mode: request.query("mode").map(str::to_owned),
        profile: request.query("profile").map(str::to_owned),
        on,
        library: request
            .app()
            .told::<Arc<Library>>()
            .cloned()
            .unwrap_or_default(),
    };
    let body = request.body().clone();
    request.compute(move || read(&body, asked)).await?
}

fn told(verdict: &Verdict) -> Vec<u8> {
    let all = [
        (Severity::Error, verdict.refusals.as_slice()),
        (Severity::Warning, verdict.warnings.as_slice()),
    ];
    outcome::judged(&all)
}

/// Judges a body: the resource itself, or `Parameters` around it.
fn read(body: &[u8], mut asked: Asked) -> Result<Verdict, Refusal> {
    let document = Document::parse(body)
        .map_err(|error| Refusal::with(&server::JSON, vec![error.finding()]))?;
    let root = document.root();
    let parameters = || {
        let all = root.list("parameter");
        all.filter_map(|one| Some((one.str("name")?, one)))
    };
    let is_wrapped = root.str("resourceType") == Some("Parameters")
        && asked.kind.as_deref() != Some("Parameters");
    let resource = if is_wrapped {
        let text = |name: &str, values: [&str; 3]| {
            let (_, one) = parameters().find(|(known, _)| *known == name)?;
            let value = values.iter().find_map(|value| one.str(value));
            value.map(str::to_owned)
        };
        let codes = ["valueCode", "valueString", "valueString"];
        let addresses = ["valueUri", "valueCanonical", "valueString"];
        asked.mode = text("mode", codes).or(asked.mode);
        asked.profile = text("profile", addresses).or(asked.profile);
        let found = parameters().find(|(name, _)| *name == "resource");
        found.and_then(|(_, one)| one.get("resource"))
    } else {
        Some(root)
    };
    let resource = resource
        .filter(|resource| resource.is_object())
        .ok_or_else(|| Refusal::new(&errors::VALIDATE_NOTHING))?;
    if let Some(mode) = asked.mode.as_deref()
        && !matches!(mode, "create" | "update" | "profile")
    {
        return Err(Refusal::at(&errors::VALIDATE_MODE, "mode", mode));
    }
    // A Bundle of the five kinds has rules of its own, which begin at the document.
    let own = is_wrapped.then(|| Document::parse(resource.to_compact().as_bytes()));
    let mut verdict = match &own {
        None => judge(&document, &asked),
        Some(Ok(own)) => judge(own, &asked),
        Some(Err(error)) => Verdict {
            refusals: vec![error.finding()],
            warnings: Vec::new(),
        },
    };
    address(resource, &asked, &mut verdict);
    Ok(verdict)
}

/// Does the resource fit the address to which it was sent?
fn address(resource: Node<'_>, asked: &Asked, verdict: &mut Verdict) {
    let mut complain = |path: &str, found: &str| {
        let refusal = Refusal::at(&server::ID, path, found);
        verdict.refusals.extend(refusal.findings);
    };
    let kind = resource.str("resourceType").unwrap_or_default();
    if asked.kind.as_deref().is_some_and(|named| named != kind) {
        complain("resourceType", kind);
    }
    let id = resource.str("id").unwrap_or_default();
    if asked.id.as_deref().is_some_and(|named| named != id) {
        complain("id", id);
    }
    if asked.mode.as_deref() == Some("update") && id.is_empty() {
        complain("id", "");
    }
}

/// An address without its version.
fn bare(profile: &str) -> &str {
    profile.split('|').next().unwrap_or_default()
}

fn claimed(root: Node<'_>) -> impl Iterator<Item = &str> {
    let meta = root.get("meta");
    let profiles = meta.into_iter().flat_map(|meta| meta.list("profile"));
    profiles.filter_map(Node::as_str)
}

fn judge(document: &Document, asked: &Asked) -> Verdict {
    let root = document.root();
    if let Some(profile) = asked.profile.as_deref()
        && !claimed(root).any(|one| bare(one) == bare(profile))
    {
        return by_profile(document, asked, profile);
    }
    let checked = profiles::judge(document, &asked.library, &[], asked.on);
    Verdict {
        refusals: checked.refusals,
        warnings: checked.warnings,
    }
}

/// Judged as if the resource claimed the profile; one that nobody knows is said so.
fn by_profile(document: &Document, asked: &Asked, profile: &str) -> Verdict {
    let claiming = claim(document.root(), profile);
    let unknown = || Refusal::at(&errors::PROFILE, "meta.profile", profile).findings;
    match Document::parse(&claiming) {
        Ok(claiming) => {
            let mut verdict = judge(&claiming, asked);
            if !is_known(profile) && !asked.library.knows(profile) {
                verdict.refusals.extend(unknown());
            }
            verdict
        }
        Err(error) => Verdict {
            refusals: vec![error.finding()],
            warnings: Vec::new(),
        },
    }
}

/// Profiles whose rules this server has.
fn is_known(profile: &str) -> bool {
    let base = "http://hl7.org/fhir/StructureDefinition/";
    let profile = bare(profile);
    profile
        .strip_prefix(base)
        .is_some_and(schema::is_resource_type)
        || [
            clins::system::PROFILE_BUNDLE,
            clins::system::PROFILE_PATIENT,
            clins::system::PROFILE_CONDITION,
            clins::system::PROFILE_ALLERGY,
            clins::system::PROFILE_OBSERVATION,
            clins::system::PROFILE_MEDICATION,
            clins::system::PROFILE_ENCOUNTER,
        ]
        .contains(&profile)
}

/// The resource with one profile more in its `meta`.
fn claim(root: Node<'_>, profile: &str) -> Vec<u8> {
    let mut w = fhir::json::Writer::new();
    w.begin_object();
    for (name, value) in root.entries().filter(|(name, _)| *name != "meta") {
        w.key(name).node(value);
    }
    w.key("meta").begin_object();
    if let Some(meta) = root.get("meta") {
        for (name, value) in meta.entries().filter(|(name, _)| *name != "profile") {
            w.key(name).node(value);
        }
    }
    w.key("profile").begin_array();
    for one in claimed(root) {
        w.string(one);
    }
    w.string(profile).end().end();
    w.finish()
}
