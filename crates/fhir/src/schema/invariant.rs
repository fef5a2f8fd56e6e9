//! Invariants of R4 that a shape table cannot say: a few words about two elements at once.
//!
//! Each is written natively and keeps its published key (`obs-6` is reported as `R4-OBS-6`).
//! Chosen are those of severity *error* on the data types and on the resources of the field;
//! `ref-1`, `ext-1` and `dom-2` are part of the walk itself.
//!
//! Source: constraints in the FHIR R4 StructureDefinitions.

use std::collections::BTreeSet;

use kernel::time::Timestamp;

use crate::json::Node;

/// One invariant.
#[derive(Debug)]
pub(super) struct Invariant {
    /// Where it holds: a type or an element's path.
    pub path: &'static str,
    pub id: &'static str,
    pub ja: &'static str,
    pub en: &'static str,
    pub holds: fn(Node<'_>) -> bool,
}

macro_rules! invariants {
    ($($path:literal $id:literal $holds:expr, $ja:literal, $en:literal;)+) => {
        pub(super) static ALL: &[Invariant] = &[
            $(Invariant { path: $path, id: $id, ja: $ja, en: $en, holds: $holds }),+
        ];
    };
}

invariants! {
    "Period" "R4-PER-1" period, "startはendより前か同じにしてください。", "start must not be after end";
    "Quantity" "R4-QTY-3" |n| implies(n, "code", "system"), "単位のcodeにはsystemも書いてください。", "give the system of the unit's code";
    "Age" "R4-QTY-3" |n| implies(n, "code", "system"), "単位のcodeにはsystemも書いてください。", "give the system of the unit's code";
    "Duration" "R4-QTY-3" |n| implies(n, "code", "system"), "単位のcodeにはsystemも書いてください。", "give the system of the unit's code";
    "Ratio" "R4-RAT-1" ratio, "分子と分母は両方書いてください。", "give both numerator and denominator";
    "Attachment" "R4-ATT-1" |n| implies(n, "data", "contentType"), "dataにはcontentTypeも書いてください。", "give contentType with data";
    "ContactPoint" "R4-CPT-2" |n| implies(n, "value", "system"), "連絡先のvalueにはsystemも書いてください。", "give system with value";
    "Timing.repeat" "R4-TIM-1" |n| implies(n, "duration", "durationUnit"), "durationにはdurationUnitも書いてください。", "give durationUnit with duration";
    "Timing.repeat" "R4-TIM-2" |n| implies(n, "period", "periodUnit"), "periodにはperiodUnitも書いてください。", "give periodUnit with period";
    "Timing.repeat" "R4-TIM-4" |n| !is_negative(n, "duration"), "durationは0以上にしてください。", "duration must not be negative";
    "Timing.repeat" "R4-TIM-5" |n| !is_negative(n, "period"), "periodは0以上にしてください。", "period must not be negative";
    "Timing.repeat" "R4-TIM-6" |n| implies(n, "periodMax", "period"), "periodMaxにはperiodも書いてください。", "give period with periodMax";
    "Timing.repeat" "R4-TIM-7" |n| implies(n, "durationMax", "duration"), "durationMaxにはdurationも書いてください。", "give duration with durationMax";
    "Timing.repeat" "R4-TIM-8" |n| implies(n, "countMax", "count"), "countMaxにはcountも書いてください。", "give count with countMax";
    "Timing.repeat" "R4-TIM-10" |n| !(n.get("timeOfDay").is_some() && n.get("when").is_some()), "timeOfDayとwhenは同時に書けません。", "give only one of timeOfDay and when";
    "Patient.contact" "R4-PAT-1" |n| any(n, &["name", "telecom", "address", "organization"]), "連絡先には氏名・電話・住所・組織のいずれかを書いてください。", "give a name, telecom, address or organization";
    "Condition" "R4-CON-4" condition_abated, "終了日がある傷病名のclinicalStatusは inactive・resolved・remission にしてください。", "use inactive, resolved or remission for a condition that has ended";
    "Condition" "R4-CON-5" |n| !(is_in_error(n) && n.get("clinicalStatus").is_some()), "entered-in-errorのときはclinicalStatusを書かないでください。", "leave clinicalStatus out of a record entered in error";
    "AllergyIntolerance" "R4-AIT-1" |n| is_in_error(n) || n.get("clinicalStatus").is_some(), "clinicalStatusを書いてください(entered-in-errorを除く)。", "give clinicalStatus, unless entered in error";
    "AllergyIntolerance" "R4-AIT-2" |n| !(is_in_error(n) && n.get("clinicalStatus").is_some()), "entered-in-errorのときはclinicalStatusを書かないでください。", "leave clinicalStatus out of a record entered in error";
    "Observation" "R4-OBS-6" |n| !(has_value(n) && n.get("dataAbsentReason").is_some()), "値があるときはdataAbsentReasonを書かないでください。", "give dataAbsentReason only where there is no value";
    "Observation.referenceRange" "R4-OBS-3" |n| any(n, &["low", "high", "text"]), "基準値には下限・上限・文章のいずれかを書いてください。", "give low, high or text of the reference range";
    "Composition.section" "R4-CMP-1" |n| any(n, &["text", "entry", "section"]), "セクションには本文・参照・下位セクションのいずれかを書いてください。", "give the section a text, entries or sections";
    "Composition.section" "R4-CMP-2" |n| !(n.get("emptyReason").is_some() && n.get("entry").is_some()), "参照があるときはemptyReasonを書かないでください。", "give emptyReason only where there are no entries";
    "Bundle" "R4-BDL-1" |n| n.get("total").is_none() || is_type(n, &["searchset", "history"]), "totalは検索結果か履歴だけに書けます。", "give total only in a searchset or history";
    "Bundle" "R4-BDL-7" urls_differ, "fullUrlを重ならないようにしてください(版違いを除く)。", "make every fullUrl unique (but for versions)";
    "Bundle" "R4-BDL-9" |n| !is_type(n, &["document"]) || identified(n), "文書のidentifierにsystemとvalueを書いてください。", "identify a document with system and value";
    "Bundle" "R4-BDL-10" |n| !is_type(n, &["document"]) || n.get("timestamp").is_some(), "文書にはtimestampを書いてください。", "give the document's timestamp";
    "Bundle" "R4-BDL-11" |n| !is_type(n, &["document"]) || first_is(n, "Composition"), "文書の先頭はCompositionにしてください。", "begin a document with its Composition";
    "Bundle" "R4-BDL-12" |n| !is_type(n, &["message"]) || first_is(n, "MessageHeader"), "メッセージの先頭はMessageHeaderにしてください。", "begin a message with its MessageHeader";
    "Bundle.entry" "R4-BDL-5" |n| any(n, &["resource", "request", "response"]), "entryにはresourceを書いてください。", "give the entry a resource";
    "Bundle.entry" "R4-BDL-8" |n| !n.str("fullUrl").is_some_and(|u| u.contains("/_history/")), "fullUrlに版を書かないでください。", "leave the version out of fullUrl";
}

/// Where `left` is, `right` is too.
fn implies(node: Node<'_>, left: &str, right: &str) -> bool {
    node.get(left).is_none() || node.get(right).is_some()
}

fn any(node: Node<'_>, keys: &[&str]) -> bool {
    node.entries().any(|(key, _)| {
        let bare = key.strip_prefix('_').unwrap_or(key);
        keys.contains(&bare)
    })
}

fn is_negative(node: Node<'_>, key: &str) -> bool {
    node.get(key)
        .and_then(Node::as_number_text)
        .is_some_and(|n| n.starts_with('-') && n.bytes().any(|b| matches!(b, b'1'..=b'9')))
}

/// Dates are compared to the precision that both have; instants as instants.
fn period(node: Node<'_>) -> bool {
    let (Some(start), Some(end)) = (node.str("start"), node.str("end")) else {
        return true;
    };
    if let (Some(start), Some(end)) = (Timestamp::parse(start), Timestamp::parse(end)) {
        return start <= end;
    }
    if start.contains('T') || end.contains('T') {
        // A date beside an instant: the zone may move it by a day, so only years decide.
        return start.get(..4) <= end.get(..4);
    }
    let common = start.len().min(end.len());
    start.get(..common) <= end.get(..common)
}

fn ratio(node: Node<'_>) -> bool {
    match (node.get("numerator"), node.get("denominator")) {
        (Some(_), Some(_)) => true,
        (None, None) => node.get("extension").is_some(),
        _ => false,
    }
}

fn has_code(node: Node<'_>, key: &str, codes: &[&str]) -> bool {
    node.get(key).is_some_and(|concept| {
        concept
            .list("coding")
            .any(|c| c.str("code").is_some_and(|code| codes.contains(&code)))
    })
}

fn is_in_error(node: Node<'_>) -> bool {
    has_code(node, "verificationStatus", &["entered-in-error"])
}

fn condition_abated(node: Node<'_>) -> bool {
    let ended = node.entries().any(|(key, _)| key.starts_with("abatement"));
    !ended
        || has_code(
            node,
            "clinicalStatus",
            &["resolved", "remission", "inactive"],
        )
}

fn has_value(node: Node<'_>) -> bool {
    node.entries().any(|(key, _)| key.starts_with("value"))
}

fn is_type(bundle: Node<'_>, types: &[&str]) -> bool {
    bundle.str("type").is_some_and(|t| types.contains(&t))
}

fn identified(bundle: Node<'_>) -> bool {
    bundle
        .get("identifier")
        .is_some_and(|i| i.get("system").is_some() && i.get("value").is_some())
}

fn first_is(bundle: Node<'_>, resource_type: &str) -> bool {
    bundle
        .list("entry")
        .next()
        .and_then(|entry| entry.get("resource"))
        .is_some_and(|r| r.str("resourceType") == Some(resource_type))
}

fn urls_differ(bundle: Node<'_>) -> bool {
    if is_type(bundle, &["history"]) {
        return true;
    }
    let mut seen = BTreeSet::new();
    bundle.list("entry").all(|entry| {
        let version = entry
            .get("resource")
            .and_then(|r| r.get("meta"))
            .and_then(|m| m.str("versionId"));
        entry
            .str("fullUrl")
            .is_none_or(|url| seen.insert((url, version)))
    })
}
