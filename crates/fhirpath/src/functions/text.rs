//! Text.
//!
//! Source: FHIRPath N1 5.6; `encode`, `escape` and their like as the published suite uses them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::{Function, length, truth, whole};
use crate::error::EvalError;
use crate::eval::{Answer, Run, Scope};
use crate::operators::single;
use crate::parser;
use crate::syntax::Call;
use crate::value::Value;

/// Bytes that a text may grow to.
const TEXT_BYTES_MAX: usize = 4 << 20;

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Answer<'a> {
    Ok(vec![Value::Text(text.into())])
}

/// The one text of an argument.
fn argument<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    at: usize,
    scope: Scope<'_, 'a>,
) -> Result<Option<Cow<'a, str>>, EvalError> {
    let items = run.argument(call, at, scope)?;
    let name = call.function.name();
    match single(&items, name)? {
        None => Ok(None),
        Some(one) => one.text().map(Some).ok_or(EvalError::Type(name)),
    }
}

pub fn of_text<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    item: &Value<'a>,
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    use Function as F;
    let name = call.function.name();
    let Some(own) = item.text() else {
        return Err(EvalError::Type(name));
    };
    run.spend(own.len() / 64)?;
    match call.function {
        F::Upper => text(own.to_uppercase()),
        F::Lower => text(own.to_lowercase()),
        F::Trim => text(own.trim().to_owned()),
        F::Length => Ok(vec![Value::Integer(length(own.chars().count()))]),
        F::ToChars => Ok(own
            .chars()
            .map(|c| Value::Text(Cow::Owned(c.to_string())))
            .collect()),
        F::Substring => substring(run, call, &own, scope),
        F::Matches | F::MatchesFull | F::ReplaceMatches => matches(run, call, &own, scope),
        _ => {
            let Some(argument) = argument(run, call, 0, scope)? else {
                return Ok(Vec::new());
            };
            match call.function {
                F::StartsWith => truth(own.starts_with(argument.as_ref())),
                F::EndsWith => truth(own.ends_with(argument.as_ref())),
                F::Contains => truth(own.contains(argument.as_ref())),
                F::IndexOf => place(&own, own.find(argument.as_ref())),
                F::LastIndexOf => place(&own, own.rfind(argument.as_ref())),
                F::Split => Ok(own
                    .split(argument.as_ref())
                    .map(|part| Value::Text(Cow::Owned(part.to_owned())))
                    .collect()),
                F::Replace => replace(run, call, &own, &argument, scope),
                _ => Ok(coded(call.function, &own, &argument)
                    .map(|coded| Value::Text(Cow::Owned(coded)))
                    .into_iter()
                    .collect()),
            }
        }
    }
}

/// A place in bytes as one in characters; -1 for none.
fn place<'a>(own: &str, at: Option<usize>) -> Answer<'a> {
    let before = at.and_then(|at| own.get(..at));
    let place = before.map_or(-1, |before| length(before.chars().count()));
    Ok(vec![Value::Integer(place)])
}

fn substring<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    own: &str,
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let start = run.argument(call, 0, scope)?;
    let Some(start) = whole(&start, "substring")? else {
        return Ok(Vec::new());
    };
    let count = run.argument(call, 1, scope)?;
    let count = match whole(&count, "substring")? {
        Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    if start >= own.chars().count() {
        return Ok(Vec::new());
    }
    text(own.chars().skip(start).take(count).collect::<String>())
}

fn bounded(grown: usize) -> Result<(), EvalError> {
    if grown > TEXT_BYTES_MAX {
        return Err(EvalError::Argument("a text that grows without end"));
    }
    Ok(())
}

fn replace<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    own: &str,
    old: &str,
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let Some(new) = argument(run, call, 1, scope)? else {
        return Ok(Vec::new());
    };
    bounded(
        own.len()
            .saturating_add(new.len().saturating_mul(own.len() + 1)),
    )?;
    text(own.replace(old, &new))
}

fn matches<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    own: &str,
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let compiled;
    let pattern = if let Some(pattern) = &call.pattern {
        pattern
    } else {
        let Some(source) = argument(run, call, 0, scope)? else {
            return Ok(Vec::new());
        };
        // A pattern that comes with the data is made anew each time, which costs far more.
        run.spend(1000)?;
        let anchored = call.function == Function::MatchesFull;
        compiled = parser::compile(&source, anchored).ok_or(EvalError::Pattern)?;
        &compiled
    };
    if call.function != Function::ReplaceMatches {
        return truth(pattern.is_match(own));
    }
    let Some(new) = argument(run, call, 1, scope)? else {
        return Ok(Vec::new());
    };
    bounded(
        own.len()
            .saturating_add(new.len().saturating_mul(own.len() + 1)),
    )?;
    if pattern.as_str().is_empty() {
        return text(own.to_owned());
    }
    text(pattern.replace_all(own, new.as_ref()).into_owned())
}

/// The items as one text.
pub fn join<'a>(
    run: &mut Run<'_, 'a>,
    call: &'a Call,
    items: &[Value<'a>],
    scope: Scope<'_, 'a>,
) -> Answer<'a> {
    let separator = argument(run, call, 0, scope)?.unwrap_or_default();
    let mut parts = Vec::with_capacity(items.len());
    let mut size = 0;
    for item in items {
        let part = item.text().ok_or(EvalError::Type("join"))?;
        size += part.len() + separator.len();
        bounded(size)?;
        parts.push(part);
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    text(parts.join(separator.as_ref()))
}

/// `encode`, `decode`, `escape`, `unescape`; `None` for a way that is not known.
fn coded(function: Function, own: &str, way: &str) -> Option<String> {
    let utf8 = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    match (function, way) {
        (Function::Encode, "base64") => Some(STANDARD.encode(own)),
        (Function::Encode, "urlbase64") => Some(URL_SAFE.encode(own)),
        (Function::Encode, "hex") => Some(own.bytes().map(|b| format!("{b:02x}")).collect()),
        (Function::Decode, "base64") => utf8(STANDARD.decode(own).ok()?),
        (Function::Decode, "urlbase64") => utf8(URL_SAFE.decode(own).ok()?),
        (Function::Decode, "hex") => utf8(unhex(own)?),
        (Function::Escape, "html") => Some(
            own.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
                .replace('\'', "&#39;"),
        ),
        (Function::Unescape, "html") => Some(
            own.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&"),
        ),
        (Function::Escape, "json") => Some(escape_json(own)),
        (Function::Unescape, "json") => unescape_json(own),
        _ => None,
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    bytes.collect()
}

fn escape_json(own: &str) -> String {
    let mut quoted = fhir::json::Writer::new();
    quoted.string(own);
    let quoted = String::from_utf8(quoted.finish()).unwrap_or_default();
    let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn unescape_json(own: &str) -> Option<String> {
    // Quotes may stand bare: the text is a string's inside, not its source.
    let mut quoted = String::from("\"");
    let mut escaped = false;
    for c in own.chars() {
        if c == '"' && !escaped {
            quoted.push('\\');
        }
        escaped = c == '\\' && !escaped;
        quoted.push(c);
    }
    quoted.push('"');
    let document = fhir::json::Document::parse(quoted.as_bytes()).ok()?;
    document.root().as_str().map(str::to_owned)
}
