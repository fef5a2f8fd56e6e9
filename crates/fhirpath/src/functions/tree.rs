//! Through the document: children, extensions, references.
//!
//! Source: FHIRPath N1 5.8; FHIR R4 2.9.1.5.

use fhir::schema::ElementType;

use super::{Function, truth};
use crate::error::EvalError;
use crate::eval::{Answer, Run, Scope};
use crate::operators::single;
use crate::resources::named_type;
use crate::syntax::Call;
use crate::value::{Collection, Element, Value};

pub fn walk<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    match call.function {
        Function::Children => children(run, items),
        Function::Descendants => {
            let mut all = Vec::new();
            let mut wave = children(run, items)?;
            while !wave.is_empty() {
                let next = children(run, &wave)?;
                all.append(&mut wave);
                wave = next;
            }
            Ok(all)
        }
        Function::Extension => {
            let url = run.argument(call, 0, scope)?;
            let Some(url) = single(&url, "extension")?.and_then(Value::text) else {
                return Ok(Vec::new());
            };
            let mut found = Vec::new();
            for element in items.iter().filter_map(Value::element) {
                element.each_child("extension", &mut |_, _, extension| {
                    if extension.node().and_then(|n| n.str("url")) == Some(&url) {
                        found.push(Value::Element(extension));
                    }
                });
            }
            Ok(found)
        }
        Function::Resolve => resolve(run, items),
        Function::HasValue => truth(match items {
            [one] => primitive(one).is_some(),
            _ => false,
        }),
        _ => Ok(match items {
            [one] => primitive(one).into_iter().collect(),
            _ => Vec::new(),
        }),
    }
}

/// The value of a primitive.
fn primitive<'a>(item: &Value<'a>) -> Option<Value<'a>> {
    match item {
        Value::Element(element) if !element.ty.is_none_or(ElementType::is_primitive) => None,
        other => other.system(),
    }
}

fn children<'a>(run: &mut Run<'_, 'a>, items: &[Value<'a>]) -> Answer<'a> {
    let mut found: Collection<'a> = Vec::new();
    for element in items.iter().filter_map(Value::element) {
        element.each_of_all(&mut |child| found.push(Value::Element(child)));
        run.spend(1)?;
    }
    run.spend(found.len())?;
    Ok(found)
}

/// Where references lead. What leads nowhere yields nothing, or (when asked so) a resource
/// without content of the type that is referred to.
fn resolve<'a>(run: &Run<'_, 'a>, items: &[Value<'a>]) -> Answer<'a> {
    let context = run.context;
    let mut found = Vec::new();
    for item in items {
        let reference = match item {
            Value::Text(text) => Some(text.as_ref()),
            Value::Element(element) => element
                .node()
                .and_then(|node| node.as_str().or_else(|| node.str("reference"))),
            _ => return Err(EvalError::Type("resolve")),
        };
        // A contained resource refers into the one that contains it.
        let container = context.root_resource.and_then(|root| root.node());
        let container = match context.resource.and_then(|resource| resource.node()) {
            Some(own) if own.get("contained").is_some() => Some(own),
            own => container.or(own),
        };
        let target = reference.and_then(|reference| match context.resources {
            Some(resources) => resources.find(reference, container),
            None => crate::Resources::default().find(reference, container),
        });
        if let Some(target) = target {
            found.push(Value::Element(Element::resource(target)));
        } else if context.stubs
            && let Some(element) = item.element()
            && let Some(ty) = named_type(&element).and_then(ElementType::resource)
        {
            found.push(Value::Element(Element::primitive(None, None, Some(ty))));
        }
    }
    Ok(found)
}
