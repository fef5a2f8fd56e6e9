//! Municipal checkup reports (自治体検診): the items, their values, the identifiers.
//!
//! `municipal.tsv` holds one item a line: code, name, category, type of value, then the number
//! of its code list below `1.2.392.100495.100` or its unit, then `component` where it stands
//! inside another item. Two words joined by `|` are both taken: the published table says of
//! 9P562 that it is `laboratory` where the published report has `exam` as for its sisters, and
//! gives 1B040160801599849 a coded value although its data are text.
//!
//! Source: FHIR用自治体検診項目表 of 2022-01-31; the municipal guide's published good and bad
//! reports, whose differences show the rules.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::lines::{self, Line};
use super::rule;
use crate::clins::profile::text_at;
use crate::clins::report::Checked;
use crate::clins::system;
use crate::json::Node;
use crate::path::Path;
use Line::{Need, Not, One, Value};

/// An item of the table.
struct Item {
    name: &'static str,
    category: &'static str,
    value: &'static str,
    detail: &'static str,
}

static ITEMS: LazyLock<BTreeMap<&'static str, Item>> = LazyLock::new(|| {
    include_str!("municipal.tsv")
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let code = cells.next()?;
            let item = Item {
                name: cells.next()?,
                category: cells.next()?,
                value: cells.next()?,
                detail: cells.next().unwrap_or_default(),
            };
            Some((code, item))
        })
        .collect()
});

/// Names of choices that the published reports show: code list, code, name.
const CHOICES: [(&str, &str, &str); 2] = [("2010", "1", "なし"), ("2011", "1", "なし")];

const LISTS: &str = "urn:oid:1.2.392.100495.100.";
const ITEM_SYSTEM: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/jlac10";
const GROUP_SYSTEM: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/observationGroup-codes";
const LOCAL_PATIENT: &str = "urn:oid:1.2.392.200119.6.102.";

const PATIENT: &[Line] = &[
    Need("identifier"),
    One("identifier.value"),
    Need("name"),
    One("name.text"),
    One("gender"),
    One("birthDate"),
];

const ENCOUNTER: &[Line] = &[
    Value("status", &["finished"]),
    Value("class.code", &["checkup"]),
    Value("serviceType.coding.code", &["1", "2"]),
    One("period"),
    One("period.start"),
    One("serviceProvider"),
];

const GROUP: &[Line] = &[
    Value("status", &["final"]),
    Need("hasMember"),
    Not("value[x]"),
    Not("component"),
];

/// Checks one resource of a municipal report.
pub(super) fn check(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    match node.str("resourceType").unwrap_or_default() {
        "Patient" => {
            lines::hold(node, PATIENT, path, out);
            identifiers(node, path, out);
        }
        "Organization" => identifiers(node, path, out),
        "Encounter" => lines::hold(node, ENCOUNTER, path, out),
        "Coverage" => lines::hold(node, &[Value("status", &["active"])], path, out),
        "Observation" => observation(node, path, out),
        _ => {}
    }
}

/// The forms of institutions, insurers and local patient numbers.
fn identifiers(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let list = path.name("identifier");
    for (i, identifier) in node.list("identifier").enumerate() {
        let here = list.index(i);
        let name = identifier.str("system").unwrap_or_default();
        let value = identifier.str("value").unwrap_or_default();
        let digits = |text: &str, count: usize| {
            text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
        };
        if let Some(tail) = name.strip_prefix(LOCAL_PATIENT) {
            if !tail.strip_prefix('1').is_some_and(|t| digits(t, 10)) {
                out.refuse(rule::MUNICIPAL_ID, &here.name("system"), name);
            }
        } else {
            let wanted = match system::canonical(name) {
                system::ID_INSTITUTION | system::ID_INSTITUTION_CHECKUP => 10,
                system::ID_INSURER => 8,
                _ => continue,
            };
            if !digits(value, wanted) {
                out.refuse(rule::MUNICIPAL_ID, &here.name("value"), value);
            }
        }
    }
}

fn observation(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let coding = node
        .get("code")
        .and_then(|c| c.list("coding").find(|c| is_of(*c, GROUP_SYSTEM)));
    if coding.is_some() {
        return lines::hold(node, GROUP, path, out);
    }
    status(node, path, out);
    item(node, true, path, out);
    let list = path.name("component");
    for (i, component) in node.list("component").enumerate() {
        item(component, false, &list.index(i), out);
    }
}

fn is_of(coding: Node<'_>, wanted: &str) -> bool {
    coding
        .str("system")
        .is_some_and(|name| system::same(name, wanted))
}

/// What was cancelled has a reason and no value; anything else has a value, parts or a reason.
/// The same holds in the reports of other checkups.
pub(super) fn status(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let has_value = node.entries().any(|(key, _)| key.starts_with("value"));
    let has_reason = node.get("dataAbsentReason").is_some();
    let found = node.str("status").unwrap_or_default();
    let fits = match found {
        "cancelled" => has_reason && !has_value,
        _ => has_reason || has_value || node.get("component").is_some(),
    };
    if !fits {
        out.refuse(rule::CHECKUP_STATUS, &path.name("status"), found);
    }
}

/// The item beside its line of the table; an item inside another has no category of its own.
fn item(node: Node<'_>, is_whole: bool, path: &Path<'_>, out: &mut Checked) {
    let at = path.name("code");
    let list = at.name("coding");
    let found = node.get("code").and_then(|code| {
        code.list("coding").enumerate().find(|(_, c)| {
            [ITEM_SYSTEM, system::MUNICIPAL_ITEM, system::JLAC10]
                .iter()
                .any(|wanted| is_of(*c, wanted))
        })
    });
    let Some((i, coding)) = found else {
        return out.refuse(rule::MUNICIPAL_ITEM, &list, "");
    };
    let here = list.index(i);
    let code = coding.str("code").unwrap_or_default();
    let Some(item) = ITEMS.get(code) else {
        return out.refuse(rule::MUNICIPAL_ITEM, &here.name("code"), code);
    };
    if let Some(display) = coding.str("display").filter(|d| *d != item.name) {
        let at = here.name("display");
        out.refuse_hint(rule::MUNICIPAL_VALUE, &at, display, item.name);
    }
    if is_whole {
        let category = node
            .list("category")
            .flat_map(|c| c.list("coding"))
            .find_map(|c| c.str("code"))
            .unwrap_or_default();
        if !item.category.split('|').any(|c| c == category) {
            let at = path.name("category");
            out.refuse_hint(rule::MUNICIPAL_VALUE, &at, category, item.category);
        }
    }
    if let Some((key, value)) = node.entries().find(|(key, _)| key.starts_with("value")) {
        self::value(key, value, item, &path.name(key), out);
    }
}

fn value(key: &str, value: Node<'_>, item: &Item, path: &Path<'_>, out: &mut Checked) {
    let kind = key.strip_prefix("value").unwrap_or_default();
    let fits = item
        .value
        .split('|')
        .any(|wanted| wanted.eq_ignore_ascii_case(kind));
    if !fits {
        return out.refuse_hint(rule::MUNICIPAL_VALUE, path, key, item.value);
    }
    if item.detail.is_empty() {
        return;
    }
    if kind == "Quantity" {
        let found = value.str("code").unwrap_or_default();
        if found != item.detail {
            let at = path.name("code");
            out.refuse_hint(rule::MUNICIPAL_VALUE, &at, found, item.detail);
        }
        return;
    }
    let list = path.name("coding");
    if value.list("coding").next().is_none() {
        out.refuse_hint(rule::MUNICIPAL_VALUE, &list, "", item.detail);
    }
    for (i, coding) in value.list("coding").enumerate() {
        let here = list.index(i);
        let name = coding.str("system").unwrap_or_default();
        if name.strip_prefix(LISTS) != Some(item.detail) {
            let hint = format!("{LISTS}{}", item.detail);
            out.refuse_hint(rule::MUNICIPAL_VALUE, &here.name("system"), name, &hint);
        }
        let code = text_at(coding, &["code"]).unwrap_or_default();
        let known = CHOICES
            .iter()
            .find(|(list, choice, _)| *list == item.detail && *choice == code);
        if let (Some((_, _, wanted)), Some(display)) = (known, coding.str("display"))
            && display != *wanted
        {
            let at = here.name("display");
            out.refuse_hint(rule::MUNICIPAL_VALUE, &at, display, wanted);
        }
    }
}
