//! `$everything`: the whole record of one patient, a page at a time.
//!
//! A page ends with a resource's own id; the next begins behind it, so that what is written
//! meanwhile moves nothing. Beside a page's resources come the facility's own to which they
//! refer.
//!
//! Source: HL7 FHIR R4 operation-patient-everything.html.

use kernel::Refusal;
use store::{Call, Stop};
use web::{Answer, Request};

use super::{
    errors,
    record::{self, Filter},
};
use crate::{api::speech::check_format, model::Resource, ops::Partition};

/// Resources of a page at most, and when nobody says how many.
const PAGE: usize = 100;

/// What is asked.
#[derive(Clone)]
struct Asked {
    id: String,
    filter: Filter,
    /// The last resource of the page before, as `Type/id`.
    after: Option<String>,
    count: usize,
}

/// A page.
struct Page {
    resources: Vec<Resource>,
    followed: Vec<Resource>,
    has_more: bool,
}

pub(super) async fn everything(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let given = super::asked(&request, &["_since", "_type", "_count", "_after"])?;
    let first = |name: &str| {
        let found = given.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let types = given.iter().filter(|(name, _)| name == "_type");
    let types: Vec<&str> = types.map(|(_, value)| value.as_str()).collect();
    let since = first("_since");
    let asked = Asked {
        id: request.param("id").to_owned(),
        filter: Filter {
            types: record::types("_type", &types)?,
            since: since
                .map(|text| record::instant("_since", text))
                .transpose()?,
        },
        after: first("_after").map(str::to_owned),
        count: count(first("_count"))?,
    };
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let wanted = asked.clone();
    let page = request
        .read(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            read(call, own, &wanted)
        })
        .await?;
    let origin = &request.app().origin;
    Ok(Answer::fhir(
        200,
        bundle(origin, &asked, &page).into_bytes(),
    ))
}

/// Resources of a page; what goes beyond the most that there can be is the most.
fn count(given: Option<&str>) -> Result<usize, Refusal> {
    let Some(text) = given else {
        return Ok(PAGE);
    };
    let count = text.parse::<usize>().ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| Refusal::at(&errors::VALUE, "_count", text))?;
    Ok(count.min(PAGE))
}

fn read(call: &mut Call<'_>, own: Partition, asked: &Asked) -> Result<Page, Stop> {
    let record = record::open(call, own, &asked.id)?;
    let wrong = || Stop::Refused(Refusal::at(&errors::VALUE, "_after", ""));
    let after = match &asked.after {
        None => None,
        Some(text) => {
            let (kind, id) = text.split_once('/').ok_or_else(wrong)?;
            let key = record.own.ids.open(kind, id).ok_or_else(wrong)?;
            Some((kind, key))
        }
    };
    let part = record.part(call, &asked.filter, after, asked.count)?;
    let followed = record.followed(call, &part.resources)?;
    call.detail("resources", part.resources.len().to_string());
    Ok(Page {
        resources: part.resources,
        followed,
        has_more: part.has_more,
    })
}

fn bundle(origin: &str, asked: &Asked, page: &Page) -> String {
    let mut out = String::from(r#"{"resourceType":"Bundle","type":"searchset","link":["#);
    link(&mut out, origin, "self", asked, asked.after.as_deref());
    if let Some(last) = page.resources.last().filter(|_| page.has_more) {
        out.push(',');
        link(&mut out, origin, "next", asked, Some(&last.reference()));
    }
    out.push(']');
    let matches = page.resources.iter().map(|resource| (resource, "match"));
    let others = page.followed.iter().map(|resource| (resource, "include"));
    for (number, (resource, mode)) in matches.chain(others).enumerate() {
        out.push_str(if number == 0 { r#","entry":["# } else { "," });
        out.push_str(r#"{"fullUrl":""#);
        out.push_str(&format!("{origin}/fhir/{}", resource.reference()));
        out.push_str(r#"","resource":"#);
        resource.render_into(&mut out);
        out.push_str(&format!(r#","search":{{"mode":"{mode}"}}}}"#));
    }
    if !page.resources.is_empty() {
        out.push(']');
    }
    out.push('}');
    out
}

/// A link to a page of the same; every part of it is checked text without quotes.
fn link(out: &mut String, origin: &str, relation: &str, asked: &Asked, after: Option<&str>) {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("_count", &asked.count.to_string());
    if !asked.filter.types.is_empty() {
        query.append_pair("_type", &asked.filter.types.join(","));
    }
    if let Some(since) = asked.filter.since {
        query.append_pair("_since", &since.to_string());
    }
    if let Some(after) = after {
        query.append_pair("_after", after);
    }
    let (id, query) = (&asked.id, query.finish());
    out.push_str(&format!(
        r#"{{"relation":"{relation}","url":"{origin}/fhir/Patient/{id}/$everything?{query}"}}"#
    ));
}
