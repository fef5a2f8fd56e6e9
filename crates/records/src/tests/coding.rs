//! Codes of allergens and results: what the masters say, and results of two facilities as one.

use access::consent::Category;
use masters::{allergen, lab as items};
use serde_json::{Value, json};
use web::ui::Lang;

use super::{Ward, bytes};
use crate::{labs, model::What};

const FOOD: &str = fhir::clins::system::ALLERGEN_FOOD;

impl Ward {
    /// An allergy to food under this code.
    fn allergy(&self, code: &str, display: &str, text: &str) -> super::Reply {
        let mut json = self.json("AllergyIntolerance");
        json["entry"].as_array_mut().expect("entries").truncate(2);
        let resource = &mut json["entry"][1]["resource"];
        resource["category"] = json!(["food"]);
        resource["code"] = json!({
            "coding": [{"system": FOOD, "code": code, "display": display}], "text": text});
        self.register(&bytes(&json))
    }
}

#[test]
fn an_allergen_that_is_unknown_or_ended_is_a_warning_and_a_dummy_needs_words() {
    let ward = Ward::new();
    // Without a master nothing can be said about a code.
    let reply = ward.allergy("J9FA00000001", "何か", "何か");
    assert!(
        reply.status < 300 && !reply.text().contains("TSK-REC-013"),
        "{}",
        reply.text()
    );
    let table = "DISPLAYSEQ,JFAGYCODE,JPTERM,JPKANA,ENTERM,LEVEL,MAINFLAG,GUIDELINE,CXGCATEGORY,RECORDDATE,ENDDATE\n\
        1,D9M000000000,医薬品ダミーコード,いやくひん,x,1,1,,0,00000000,99999999\n\
        2,J9FA11000000,そば,そば,Buckwheat,3,1,1,0,20200401,99999999\n\
        3,J9FA12000000,古い麦,ふるいむぎ,Old,3,0,,0,00000000,20250331\n";
    let read = allergen::read(table.as_bytes()).allergens;
    ward.world.set_up(move |call| {
        let day = kernel::time::JstDate::parse("2025-04-01").expect("a date");
        Ok(allergen::import(call, &read, day, "00")?)
    });
    for (code, text, status, wanted) in [
        ("J9FA11000000", "そば", 200, None),
        ("J9FA12000000", "古い麦", 200, Some("TSK-REC-014")),
        ("J9FZ99999999", "なぞの実", 200, Some("TSK-REC-013")),
        ("D9F000000000", "いちじくの葉", 200, Some("TSK-REC-013")),
        ("D9F000000000", "食品ダミーコード", 422, Some("TSK-REC-015")),
    ] {
        let reply = ward.allergy(code, "食品ダミーコード", text);
        assert_eq!(reply.status, status, "{code} {text}: {}", reply.text());
        for rule in ["TSK-REC-013", "TSK-REC-014", "TSK-REC-015"] {
            let is_told = reply.text().contains(rule);
            assert_eq!(
                is_told,
                wanted == Some(rule),
                "{code} {text}: {}",
                reply.text()
            );
        }
    }
}

const CORE: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS";
const LOCAL: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS";

/// A report of one result; `standard`: code and display of the standard item.
fn result(
    ward: &Ward,
    home: &str,
    number: usize,
    on: &str,
    local: &str,
    standard: Option<(&str, &str)>,
    quantity: Value,
) -> Value {
    let mut json = ward.json("Observation");
    json["entry"].as_array_mut().expect("entries").truncate(2);
    let was = ward.hospital.code.clone();
    let text = serde_json::to_string(&json)
        .expect("text")
        .replace(&was, home);
    let mut json: Value = serde_json::from_str(&text).expect("JSON");
    json["identifier"]["value"] = json!(format!("{home}^2026^UNIT-{number}"));
    let resource = &mut json["entry"][1]["resource"];
    resource["effectiveDateTime"] = json!(on);
    resource["valueQuantity"] = quantity;
    resource
        .as_object_mut()
        .expect("an object")
        .remove("referenceRange");
    resource
        .as_object_mut()
        .expect("an object")
        .remove("interpretation");
    let mut codings = vec![json!({"system": LOCAL, "code": local, "display": local})];
    match standard {
        Some((code, display)) => {
            codings.push(json!({"system": CORE, "code": code, "display": display}))
        }
        None => codings.push(json!({
            "system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_Uncoded_CS",
            "code": "99999999999999999", "display": "未標準化コード項目(JLAC)"})),
    }
    resource["code"] = json!({"coding": codings, "text": "アルブミン"});
    json
}

#[test]
fn results_of_two_facilities_in_two_units_are_one_curve_with_the_original_in_the_table() {
    let ward = Ward::new();
    let clinic = ward.clinic();
    let own = ward.world.system(&clinic);
    let alb = items::by_name("ALB").expect("an item");
    let send = |who: &super::As, json: &Value| {
        let reply = ward
            .world
            .post_fhir(who, "/fhir/Bundle/$register", &bytes(json));
        assert_eq!(reply.status, 201, "{}", reply.text());
    };
    let hospital = ward.hospital.code.clone();
    let g_dl = |n: &str| json!({"value": serde_json::from_str::<Value>(n).expect("a number"), "unit": "g/dL"});
    let g_l = |n: u32| json!({"value": n, "unit": "g/L"});
    let coded = Some((alb.jlac10, "ALB"));
    send(
        &ward.system,
        &result(&ward, &hospital, 1, "2026-01-10", "A1", coded, g_dl("4.2")),
    );
    send(
        &ward.system,
        &result(&ward, &hospital, 2, "2026-03-10", "A1", coded, g_dl("4.0")),
    );
    send(
        &own,
        &result(
            &ward,
            &clinic.code,
            1,
            "2026-02-10",
            "X9",
            Some((alb.jlac11, "whatever")),
            g_l(41),
        ),
    );
    // Known to its own facility only: a series of its own.
    send(
        &own,
        &result(&ward, &clinic.code, 2, "2026-04-10", "X9", None, g_l(39)),
    );
    let other = ward.world.facility("1310000025", "二番目の医院");
    let seen = ward.seen_by(&other);
    let found: Vec<_> = seen
        .items
        .into_iter()
        .filter(|i| i.category == Category::Laboratory)
        .collect();
    let keys: std::collections::BTreeSet<String> = found
        .iter()
        .filter_map(|i| match &i.what {
            What::Lab(lab) => Some(lab.key.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    let table = labs::table(Lang::Ja, "t", "表", &found, false).into_string();
    assert!(table.contains("4.1(原報告 41 g/L)"), "{table}");
    assert!(table.contains("4.2") && table.contains("39"), "{table}");
    assert!(table.contains("はじめての医院"), "{table}");
    let curves = labs::curves(Lang::Ja, "c", &found, 4).into_string();
    assert_eq!(curves.matches("<figure").count(), 1, "{curves}");
    for value in ["4.2", "4.1", "4.0"] {
        assert!(curves.contains(value), "{value}: {curves}");
    }
    assert!(curves.contains("単位 g/dL"), "{curves}");
}

#[test]
fn a_code_that_only_the_official_master_knows_finds_its_item() {
    let ward = Ward::new();
    let code = "3A015000002329101";
    assert!(items::by_code(code).is_none());
    let home = ward.hospital.code.clone();
    let json = result(
        &ward,
        &home,
        1,
        "2026-01-10",
        "A1",
        Some((code, "院内の呼び名")),
        json!({"value": 41, "unit": "g/L"}),
    );
    assert_eq!(ward.register_json(&json).status, 201);
    let key = || {
        let seen = ward.seen_by(&ward.hospital.clone());
        match &seen.items[0].what {
            What::Lab(lab) => (
                lab.key.clone(),
                lab.standard.as_ref().map(|s| s.value.clone()),
            ),
            _ => panic!("a result"),
        }
    };
    assert_eq!(key(), ("院内の呼び名".to_owned(), None));
    let csv = format!("fhir_id,jlac10,jlac11,unit\nALB,{code},C1003000025000155,g/dL\n");
    let pairs = items::read(csv.as_bytes()).pairs;
    ward.world.set_up(move |call| {
        let day = kernel::time::JstDate::parse("2024-09-30").expect("a date");
        Ok(items::import(call, &pairs, day, "00")?)
    });
    assert_eq!(key(), ("ALB".to_owned(), Some("4.1".to_owned())));
}
