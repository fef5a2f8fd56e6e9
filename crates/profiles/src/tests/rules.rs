//! One small profile a rule, and what breaks it.

use fhir::json::Document;

use super::{day, library};
use crate::Library;

/// A profile of a type with these elements (each a JSON object) after its root.
pub(super) fn profile(id: &str, ty: &str, elements: &[&str]) -> String {
    let url = format!("http://x.jp/{id}");
    let root = format!(r#"{{"id":"{ty}","path":"{ty}","min":0,"max":"*"}}"#);
    let mut all = vec![root];
    all.extend(elements.iter().map(|element| (*element).to_owned()));
    format!(
        r#"{{"resourceType":"StructureDefinition","url":"{url}","name":"{id}","status":"active",
        "kind":"resource","abstract":false,"type":"{ty}","derivation":"constraint",
        "snapshot":{{"element":[{}]}}}}"#,
        all.join(",")
    )
}

/// A resource that claims the profile, with these members.
fn resource(ty: &str, id: &str, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(
        r#"{{"resourceType":"{ty}","meta":{{"profile":["http://x.jp/{id}"]}}{comma}{members}}}"#
    )
}

/// Rule and path of each refusal, then of each warning after `~`.
fn found(library: &Library, text: &str) -> String {
    let document = Document::parse(text.as_bytes()).expect("JSON");
    let checked = library.check(document.root(), day());
    let refusals = checked
        .refusals
        .iter()
        .map(|f| format!("{} {}", f.rule, f.path));
    let warnings = checked
        .warnings
        .iter()
        .map(|f| format!("~{} {}", f.rule, f.path));
    let all: Vec<String> = refusals.chain(warnings).collect();
    all.join("; ")
}

#[test]
fn an_element_may_be_demanded_or_forbidden() {
    let library = library(&[profile(
        "P",
        "Patient",
        &[
            r#"{"id":"Patient.birthDate","path":"Patient.birthDate","min":1,"max":"1","base":{"path":"Patient.birthDate","min":0,"max":"1"}}"#,
            r#"{"id":"Patient.name","path":"Patient.name","min":0,"max":"1","base":{"path":"Patient.name","min":0,"max":"*"}}"#,
            r#"{"id":"Patient.photo","path":"Patient.photo","min":0,"max":"0","base":{"path":"Patient.photo","min":0,"max":"*"}}"#,
            r#"{"id":"Patient.contact","path":"Patient.contact","min":0,"max":"*","base":{"path":"Patient.contact","min":0,"max":"*"}}"#,
            r#"{"id":"Patient.contact.gender","path":"Patient.contact.gender","min":1,"max":"1","base":{"path":"Patient.contact.gender","min":0,"max":"1"}}"#,
        ],
    )]);
    let check = |members: &str, expected: &str| {
        assert_eq!(
            found(&library, &resource("Patient", "P", members)),
            expected
        );
    };
    check(r#""birthDate":"2000-01-01""#, "");
    check("", "PROFILE-CARDINALITY-MIN Patient.birthDate");
    // An extension in place of the value is the element all the same.
    check(
        r#""_birthDate":{"extension":[{"url":"x","valueCode":"unknown"}]}"#,
        "",
    );
    check(
        r#""birthDate":"2000","name":[{"text":"a"},{"text":"b"}],"photo":[{"title":"t"}]"#,
        "PROFILE-CARDINALITY-MAX Patient.name; PROFILE-CARDINALITY-MAX Patient.photo",
    );
    check(
        r#""birthDate":"2000","contact":[{"gender":"male"},{"name":{"text":"a"}}]"#,
        "PROFILE-CARDINALITY-MIN Patient.contact[1].gender",
    );
}

#[test]
fn a_fixed_value_is_exact_and_a_pattern_is_a_part() {
    let library = library(&[profile(
        "O",
        "Observation",
        &[
            r#"{"id":"Observation.status","path":"Observation.status","fixedCode":"final"}"#,
            r#"{"id":"Observation.code","path":"Observation.code","patternCodeableConcept":{"coding":[{"system":"http://s","code":"c"}]}}"#,
            r#"{"id":"Observation.value[x]","path":"Observation.value[x]","type":[{"code":"Quantity"}]}"#,
            r#"{"id":"Observation.value[x].value","path":"Observation.value[x].value","fixedDecimal":1.5}"#,
        ],
    )]);
    let check = |members: &str, expected: &str| {
        assert_eq!(
            found(&library, &resource("Observation", "O", members)),
            expected
        );
    };
    let code = r#""code":{"text":"t","coding":[{"code":"z"},{"system":"http://s","code":"c","display":"d"}]}"#;
    check(
        &format!(r#""status":"final",{code},"valueQuantity":{{"value":1.50}}"#),
        "",
    );
    check(
        &format!(r#""status":"amended",{code},"valueQuantity":{{"value":1.51}}"#),
        "PROFILE-FIXED Observation.status; PROFILE-FIXED Observation.valueQuantity.value",
    );
    check(
        r#""status":"final","code":{"coding":[{"system":"http://s","code":"d"}]},"valueString":"a""#,
        "PROFILE-PATTERN Observation.code; PROFILE-TYPE Observation.valueString",
    );
}

const IDENTIFIERS: [&str; 5] = [
    r#"{"id":"Patient.identifier","path":"Patient.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"RULES","ordered":ORDERED},"min":0,"max":"*","base":{"path":"Patient.identifier","min":0,"max":"*"}}"#,
    r#"{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","min":1,"max":"1"}"#,
    r#"{"id":"Patient.identifier:a.system","path":"Patient.identifier.system","min":1,"max":"1","fixedUri":"http://a"}"#,
    r#"{"id":"Patient.identifier:b","path":"Patient.identifier","sliceName":"b","min":0,"max":"*"}"#,
    r#"{"id":"Patient.identifier:b.system","path":"Patient.identifier.system","min":1,"max":"1","patternUri":"http://b"}"#,
];

#[test]
fn slices_by_value_are_open_closed_or_ordered() {
    let check = |rules: &str, ordered: &str, systems: &[&str], expected: &str| {
        let elements: Vec<String> = IDENTIFIERS
            .iter()
            .map(|e| e.replace("RULES", rules).replace("ORDERED", ordered))
            .collect();
        let elements: Vec<&str> = elements.iter().map(String::as_str).collect();
        let library = library(&[profile("P", "Patient", &elements)]);
        let items = systems
            .iter()
            .map(|s| format!(r#"{{"system":"http://{s}","value":"1"}}"#));
        let items: Vec<String> = items.collect();
        let members = format!(r#""identifier":[{}]"#, items.join(","));
        let text = resource("Patient", "P", &members);
        assert_eq!(
            found(&library, &text),
            expected,
            "{rules} {ordered} {systems:?}"
        );
    };
    check("open", "false", &["b", "z", "a"], "");
    check(
        "open",
        "false",
        &["b"],
        "PROFILE-CARDINALITY-MIN Patient.identifier",
    );
    check(
        "open",
        "false",
        &["a", "a"],
        "PROFILE-CARDINALITY-MAX Patient.identifier",
    );
    check(
        "closed",
        "false",
        &["a", "z"],
        "PROFILE-SLICE-CLOSED Patient.identifier[1]",
    );
    check(
        "open",
        "true",
        &["b", "a"],
        "PROFILE-SLICE-ORDER Patient.identifier[1]",
    );
    check("open", "true", &["a", "b", "b"], "");
    check("openAtEnd", "false", &["a", "z"], "");
    check(
        "openAtEnd",
        "false",
        &["z", "a"],
        "PROFILE-SLICE-ORDER Patient.identifier[1]",
    );
}

#[test]
fn slices_are_told_apart_by_pattern_type_and_existence() {
    let by_pattern = profile(
        "C",
        "Observation",
        &[
            r#"{"id":"Observation.category","path":"Observation.category","slicing":{"discriminator":[{"type":"pattern","path":"$this"}],"rules":"open"},"min":0,"max":"*"}"#,
            r#"{"id":"Observation.category:lab","path":"Observation.category","sliceName":"lab","min":1,"max":"1","patternCodeableConcept":{"coding":[{"code":"lab"}]}}"#,
        ],
    );
    let by_type = profile(
        "T",
        "Observation",
        &[
            r#"{"id":"Observation.value[x]","path":"Observation.value[x]","slicing":{"discriminator":[{"type":"type","path":"$this"}],"rules":"closed"},"min":0,"max":"1","base":{"path":"Observation.value[x]","min":0,"max":"1"}}"#,
            r#"{"id":"Observation.value[x]:valueQuantity","path":"Observation.value[x]","sliceName":"valueQuantity","min":0,"max":"1","type":[{"code":"Quantity"}]}"#,
            r#"{"id":"Observation.value[x]:valueQuantity.unit","path":"Observation.value[x].unit","min":1,"max":"1","base":{"path":"Quantity.unit","min":0,"max":"1"}}"#,
        ],
    );
    let by_existence = profile(
        "E",
        "Observation",
        &[
            r#"{"id":"Observation.component","path":"Observation.component","slicing":{"discriminator":[{"type":"exists","path":"dataAbsentReason"}],"rules":"open"},"min":0,"max":"*"}"#,
            r#"{"id":"Observation.component:none","path":"Observation.component","sliceName":"none","min":0,"max":"1"}"#,
            r#"{"id":"Observation.component:none.dataAbsentReason","path":"Observation.component.dataAbsentReason","min":1,"max":"1","base":{"path":"Observation.component.dataAbsentReason","min":0,"max":"1"}}"#,
        ],
    );
    let library = library(&[by_pattern, by_type, by_existence]);
    let check = |id: &str, members: &str, expected: &str| {
        assert_eq!(
            found(&library, &resource("Observation", id, members)),
            expected
        );
    };
    check(
        "C",
        r#""category":[{"coding":[{"code":"z"}]},{"coding":[{"code":"lab"}]}]"#,
        "",
    );
    check(
        "C",
        r#""category":[{"coding":[{"code":"z"}]}]"#,
        "PROFILE-CARDINALITY-MIN Observation.category",
    );
    check("T", r#""valueQuantity":{"value":1,"unit":"mg"}"#, "");
    check(
        "T",
        r#""valueQuantity":{"value":1}"#,
        "PROFILE-CARDINALITY-MIN Observation.valueQuantity.unit",
    );
    check(
        "T",
        r#""valueString":"a""#,
        "PROFILE-SLICE-CLOSED Observation.valueString",
    );
    let none = r#"{"dataAbsentReason":{"text":"x"}}"#;
    check(
        "E",
        &format!(r#""component":[{none},{{"valueString":"a"}}]"#),
        "",
    );
    check(
        "E",
        &format!(r#""component":[{none},{none}]"#),
        "PROFILE-CARDINALITY-MAX Observation.component",
    );
}

#[test]
fn slices_of_a_bundle_are_told_apart_by_the_profile_of_what_they_lead_to() {
    let bundle = profile(
        "B",
        "Bundle",
        &[
            r#"{"id":"Bundle.entry","path":"Bundle.entry","slicing":{"discriminator":[{"type":"profile","path":"resource"}],"rules":"closed"},"min":0,"max":"*"}"#,
            r#"{"id":"Bundle.entry:p","path":"Bundle.entry","sliceName":"p","min":1,"max":"1"}"#,
            r#"{"id":"Bundle.entry:p.resource","path":"Bundle.entry.resource","min":1,"max":"1","type":[{"code":"Patient","profile":["http://x.jp/P"]}]}"#,
            r#"{"id":"Bundle.entry:o","path":"Bundle.entry","sliceName":"o","min":0,"max":"*"}"#,
            r#"{"id":"Bundle.entry:o.resource","path":"Bundle.entry.resource","min":1,"max":"1","type":[{"code":"Observation","profile":["http://x.jp/O"]}]}"#,
        ],
    );
    let patient = profile(
        "P",
        "Patient",
        &[
            r#"{"id":"Patient.gender","path":"Patient.gender","min":1,"max":"1","base":{"path":"Patient.gender","min":0,"max":"1"}}"#,
        ],
    );
    let observation = profile(
        "O",
        "Observation",
        &[
            r#"{"id":"Observation.subject","path":"Observation.subject","min":0,"max":"1","type":[{"code":"Reference","targetProfile":["http://x.jp/P"]}]}"#,
        ],
    );
    let library = library(&[bundle, patient, observation]);
    let entry =
        |url: &str, resource: &str| format!(r#"{{"fullUrl":"{url}","resource":{resource}}}"#);
    let check = |entries: &[String], expected: &str| {
        let members = format!(r#""type":"collection","entry":[{}]"#, entries.join(","));
        assert_eq!(
            found(&library, &resource("Bundle", "B", &members)),
            expected
        );
    };
    let good = entry(
        "urn:uuid:1",
        r#"{"resourceType":"Patient","gender":"male"}"#,
    );
    let plain = entry("urn:uuid:1", r#"{"resourceType":"Patient"}"#);
    let bad = entry("urn:uuid:1", &resource("Patient", "P", ""));
    let about = |url: &str| {
        let subject = format!(r#""subject":{{"reference":"{url}"}}"#);
        entry("urn:uuid:2", &resource("Observation", "O", &subject))
    };
    check(&[good.clone(), about("urn:uuid:1")], "");
    check(
        std::slice::from_ref(&bad),
        "PROFILE-CARDINALITY-MIN Bundle.entry[0].resource.gender",
    );
    check(
        std::slice::from_ref(&plain),
        "PROFILE-SLICE-CLOSED Bundle.entry[0]; PROFILE-CARDINALITY-MIN Bundle.entry",
    );
    // The target claims nothing and does not conform; a target of another type; one elsewhere.
    let library_only = |entries: &[String]| {
        let text = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
            entries.join(",")
        );
        found(&library, &text)
    };
    assert_eq!(
        library_only(&[plain, about("urn:uuid:1")]),
        "PROFILE-REFERENCE-TARGET Bundle.entry[1].resource.subject"
    );
    assert_eq!(
        library_only(&[about("urn:uuid:2")]),
        "PROFILE-REFERENCE-TARGET Bundle.entry[0].resource.subject"
    );
    assert_eq!(library_only(&[about("http://elsewhere/Patient/1")]), "");
    assert_eq!(
        library_only(&[about("http://elsewhere/Group/1")]),
        "PROFILE-REFERENCE-TARGET Bundle.entry[0].resource.subject"
    );
}

#[test]
fn a_code_is_of_the_required_set_as_far_as_that_can_be_told() {
    let system = r#"{"resourceType":"CodeSystem","url":"http://x.jp/cs","status":"active","content":"complete",
        "concept":[{"code":"top","concept":[{"code":"in"},{"code":"out"}]},{"code":"other"}]}"#;
    let fragment = r#"{"resourceType":"CodeSystem","url":"http://x.jp/part","status":"active","content":"fragment","concept":[{"code":"a"}]}"#;
    let set = r#"{"resourceType":"ValueSet","url":"http://x.jp/vs","status":"active","compose":{
        "include":[{"system":"http://x.jp/cs","filter":[{"property":"concept","op":"is-a","value":"top"}]},
                   {"system":"http://x.jp/part"},{"valueSet":["http://x.jp/inner"]}],
        "exclude":[{"system":"http://x.jp/cs","concept":[{"code":"out"}]}]}}"#;
    let inner = r#"{"resourceType":"ValueSet","url":"http://x.jp/inner","status":"active","compose":{
        "include":[{"system":"http://x.jp/list","concept":[{"code":"l"}]}]}}"#;
    let bound = profile(
        "O",
        "Observation",
        &[
            r#"{"id":"Observation.code","path":"Observation.code","base":{"path":"Observation.code","min":1,"max":"1"},"min":1,"max":"1","binding":{"strength":"required","valueSet":"http://x.jp/vs|1"}}"#,
        ],
    );
    let texts = [system, fragment, set, inner].map(str::to_owned);
    let library = library(&[texts.as_slice(), &[bound]].concat());
    for (system, code, expected) in [
        ("cs", "in", ""),
        ("cs", "top", ""),
        ("cs", "out", "PROFILE-BINDING Observation.code"),
        ("cs", "other", "PROFILE-BINDING Observation.code"),
        ("list", "l", ""),
        ("list", "m", "PROFILE-BINDING Observation.code"),
        ("elsewhere", "l", "PROFILE-BINDING Observation.code"),
        ("part", "b", "~PROFILE-BINDING-UNCHECKED Observation.code"),
    ] {
        let members =
            format!(r#""code":{{"coding":[{{"system":"http://x.jp/{system}","code":"{code}"}}]}}"#);
        let text = resource("Observation", "O", &members);
        assert_eq!(found(&library, &text), expected, "{system} {code}");
    }
}

#[test]
fn conditions_are_evaluated_and_keep_their_keys() {
    let library = library(&[profile(
        "P",
        "Patient",
        &[
            r#"{"id":"Patient.name","path":"Patient.name","min":0,"max":"*","constraint":[
                {"key":"kana-1","severity":"error","human":"カナ","expression":"text.matches('^[ァ-ヶ]+$')"},
                {"key":"short-1","severity":"warning","human":"short","expression":"text.length() < 4"},
                {"key":"odd-1","severity":"error","human":"odd","expression":"nosuchfunction()"},
                {"key":"root-1","severity":"error","human":"root","expression":"%resource.birthDate <= today()"}]}"#,
        ],
    )]);
    let text = resource(
        "Patient",
        "P",
        r#""birthDate":"2027-01-01","name":[{"text":"タロウ"},{"text":"taro"}]"#,
    );
    assert_eq!(
        found(&library, &text),
        "root-1 Patient.name[0]; kana-1 Patient.name[1]; root-1 Patient.name[1]; \
         ~short-1 Patient.name[1]; ~PROFILE-INVARIANT-UNCHECKED Patient.name[0]"
    );
}

#[test]
fn an_extension_is_as_its_definition_says_wherever_it_stands() {
    let extension = profile(
        "ext",
        "Extension",
        &[
            r#"{"id":"Extension.url","path":"Extension.url","fixedUri":"http://x.jp/ext"}"#,
            r#"{"id":"Extension.value[x]","path":"Extension.value[x]","min":1,"max":"1","base":{"path":"Extension.value[x]","min":0,"max":"1"},"type":[{"code":"code"}]}"#,
        ],
    );
    let demanding = profile(
        "P",
        "Patient",
        &[
            r#"{"id":"Patient.extension","path":"Patient.extension","slicing":{"discriminator":[{"type":"value","path":"url"}],"rules":"open"},"min":1,"max":"*","base":{"path":"DomainResource.extension","min":0,"max":"*"}}"#,
            r#"{"id":"Patient.extension:e","path":"Patient.extension","sliceName":"e","min":1,"max":"1","type":[{"code":"Extension","profile":["http://x.jp/ext"]}]}"#,
        ],
    );
    let library = library(&[extension, demanding]);
    let check = |members: &str, expected: &str| {
        assert_eq!(
            found(&library, &resource("Patient", "P", members)),
            expected
        );
    };
    check(
        r#""extension":[{"url":"http://x.jp/ext","valueCode":"a"}]"#,
        "",
    );
    check(
        r#""extension":[{"url":"http://x.jp/ext","valueString":"a"}]"#,
        "PROFILE-TYPE Patient.extension[0].valueString",
    );
    check(
        r#""extension":[{"url":"http://other","valueString":"a"}]"#,
        "PROFILE-CARDINALITY-MIN Patient.extension; ~PROFILE-EXTENSION-UNKNOWN Patient.extension[0]",
    );
    check(
        r#""extension":[{"url":"http://x.jp/ext","valueCode":"a"}],"_birthDate":{"extension":[{"url":"http://x.jp/ext"}]}"#,
        "PROFILE-CARDINALITY-MIN Patient._birthDate.extension[0].value",
    );
}

#[test]
fn what_is_claimed_is_for_this_type_and_known_or_said() {
    let library = library(&[profile("P", "Patient", &[])]);
    assert_eq!(
        found(&library, &resource("Observation", "P", "")),
        "PROFILE-RESOURCE-TYPE Observation"
    );
    assert_eq!(
        found(&library, &resource("Observation", "nowhere", "")),
        "~PROFILE-UNKNOWN Observation"
    );
}

#[test]
fn a_contained_resource_is_referred_to() {
    let library = library(&[profile("P", "Patient", &[])
        .replace(r#""min":0,"max":"*"}"#, r#""min":0,"max":"*","constraint":[{"key":"dom-3","severity":"error","human":"h","expression":"true"}]}"#)]);
    let contained = r#""contained":[{"resourceType":"Organization","id":"o"}]"#;
    assert_eq!(
        found(&library, &resource("Patient", "P", contained)),
        "dom-3 Patient.contained[0]"
    );
    let used = format!(r##"{contained},"managingOrganization":{{"reference":"#o"}}"##);
    assert_eq!(found(&library, &resource("Patient", "P", &used)), "");
}

#[test]
fn profiles_that_refer_to_one_another_in_a_circle_end() {
    let library = library(&[profile(
        "P",
        "Patient",
        &[
            r#"{"id":"Patient.link","path":"Patient.link","min":0,"max":"*"}"#,
            r#"{"id":"Patient.link.other","path":"Patient.link.other","min":1,"max":"1","type":[{"code":"Reference","targetProfile":["http://x.jp/P"]}]}"#,
        ],
    )]);
    let patient = |url: &str, other: &str| {
        format!(
            r#"{{"fullUrl":"{url}","resource":{{"resourceType":"Patient","link":[{{"other":{{"reference":"{other}"}}}}]}}}}"#
        )
    };
    let text = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{},{}]}}"#,
        patient("urn:uuid:1", "urn:uuid:2"),
        patient("urn:uuid:2", "urn:uuid:1")
    );
    let document = Document::parse(text.as_bytes()).expect("JSON");
    let first = document
        .root()
        .list("entry")
        .next()
        .and_then(|e| e.get("resource"));
    let checked = library.check_as(first.expect("a resource"), &["http://x.jp/P"], day());
    assert!(checked.is_accepted());
}

#[test]
fn a_document_with_more_faults_than_are_listed_says_so() {
    let library = library(&[profile(
        "P",
        "Patient",
        &[
            r#"{"id":"Patient.name","path":"Patient.name","min":0,"max":"*","constraint":[
            {"key":"text-1","severity":"error","human":"text","expression":"text.exists()"}]}"#,
        ],
    )]);
    let names = vec![r#"{"family":"a"}"#; 3_000].join(",");
    let text = resource("Patient", "P", &format!(r#""name":[{names}]"#));
    let document = Document::parse(text.as_bytes()).expect("JSON");
    let checked = library.check(document.root(), day());
    assert_eq!(checked.refusals.len(), 1_001);
    assert_eq!(checked.refusals[1_000].rule, "PROFILE-FINDINGS-MAX");
}
