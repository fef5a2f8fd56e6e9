//! What only the surroundings know: the time, value sets, profiles, allowed XHTML.
//!
//! Source: FHIRPath N1 5.9.2; FHIR R4 2.9.1.5.

use fhir::schema;

use super::{Function, truth};
use crate::error::EvalError;
use crate::eval::{Answer, Run, Scope};
use crate::operators::single;
use crate::syntax::Call;
use crate::value::Value;

/// Profiles that are the types of R4 themselves.
const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";

pub fn ask<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    match call.function {
        Function::Now => Ok(vec![Value::Moment(run.now("now")?)]),
        Function::Today => Ok(vec![Value::Moment(run.now("today")?.date())]),
        Function::TimeOfDay => Ok(vec![Value::Moment(run.now("timeOfDay")?.time())]),
        Function::HtmlChecks => {
            let texts = items.iter().filter_map(Value::text);
            let mut problems = texts.filter_map(|text| schema::xhtml_problem(&text));
            truth(problems.next().is_none())
        }
        Function::MemberOf => {
            let set = run.argument(call, 0, scope)?;
            let Some(set) = single(&set, "memberOf")?.and_then(Value::text) else {
                return Ok(Vec::new());
            };
            let Some(item) = single(items, "memberOf")? else {
                return Ok(Vec::new());
            };
            let told = run.context.host.and_then(|host| host.member_of(item, &set));
            told.map_or_else(|| Err(EvalError::Unknown(set.into_owned())), truth)
        }
        _ => conforms(run, call, items, scope),
    }
}

fn conforms<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let profile = run.argument(call, 0, scope)?;
    let pair = single(items, "conformsTo")?.zip(single(&profile, "conformsTo")?);
    let Some((item, profile)) = pair else {
        return Ok(Vec::new());
    };
    let profile = profile.text().ok_or(EvalError::Type("conformsTo"))?;
    let Some(resource) = item.element() else {
        return truth(false);
    };
    if let Some(name) = profile.strip_prefix(CORE)
        && schema::is_type(name)
    {
        return truth(resource.ty().is_some_and(|ty| ty.is_a(name)));
    }
    let told = run
        .context
        .host
        .and_then(|host| host.conforms_to(&resource, &profile));
    told.map_or_else(|| Err(EvalError::Unknown(profile.into_owned())), truth)
}
