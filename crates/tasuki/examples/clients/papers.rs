//! What a hospital's system has to send: Bundles of information, and every kind of document.

use anyhow::Context;
use fhir::clins::{MemberId, MemberKind};
use kernel::{id::DocumentId, time::Timestamp};
use letters::letter::{
    Addressee, Allergen, Attached, DEPARTMENTS, Letter, Part, Patient, Writer, bundle,
};
use records::documents::sniff::FileKind;
use registry::model::Sex;
use serde_json::{Map, Value};
use testkit::population::{
    Life,
    clins::{self, Author, letters::Paper, member_id},
    demo,
};

/// A letter's addressee: code and name.
pub const TO: (&str, &str) = ("1310000017", "みなと内科クリニック");

/// Everything about this person that her hospital sends now, by what it is.
pub fn papers(life: &Life, now: Timestamp) -> anyhow::Result<Map<String, Value>> {
    let hospital = demo::hospital();
    let author = Author::of(&hospital).context("a hospital without a doctor")?;
    let mut all = Map::new();
    for (nth, bundle) in clins::all(life, &author, now).into_iter().enumerate() {
        let name = format!("information-{nth}-{}", bundle.kind.as_str());
        all.insert(name, serde_json::from_slice(&bundle.json)?);
    }
    let paper = |serial| Paper {
        life,
        author,
        serial,
        version: "1",
        sent: now,
    };
    for (name, made) in [
        (
            "letter-of-a-hospital",
            paper("referral-1").referral(TO, &[]),
        ),
        ("discharge-summary", paper("discharge-1").discharge()),
        ("checkup", paper("checkup-1").checkup()),
    ] {
        all.insert(name.to_owned(), made.context("not insured")?);
    }
    let written = bundle(&written(life, now)?);
    let written = serde_json::from_slice(&written)?;
    all.insert("letter-of-the-desk".to_owned(), written);
    Ok(all)
}

/// A letter as the desk of letters writes it, with everything that it can have.
fn written(life: &Life, now: Timestamp) -> anyhow::Result<Letter> {
    let hospital = demo::hospital();
    let coverage = life.coverage_last().context("not insured")?;
    let member = MemberId::parse(MemberKind::Insurance, &member_id(coverage));
    let allergen = |name: &str, code: Option<&str>, is_drug| Allergen {
        name: name.to_owned(),
        code: code.map(str::to_owned),
        is_drug,
        is_grave: is_drug,
    };
    Ok(Letter {
        draft: DocumentId::from_bytes([7; 16]),
        at: now,
        from: Writer {
            code: hospital.code.as_str().to_owned(),
            name: hospital.name,
            doctor: "病院 一郎".to_owned(),
        },
        to: Addressee {
            code: TO.0.to_owned(),
            name: TO.1.to_owned(),
            department: DEPARTMENTS.first().copied(),
            doctor: "港 太郎".to_owned(),
        },
        patient: Patient {
            member: member.context("no member identifier")?,
            name: life.name.full(),
            kana: life.name.full_kana(),
            birth: life.birth,
            sex: Sex::Female,
            post_code: life.address.post_code.replace('-', ""),
            address: life.address.line(),
        },
        purpose: "心エコー検査をお願いいたします。\n<至急>".to_owned(),
        problems: "労作時の息切れ & 高血圧".to_owned(),
        illness: "2週間前から、階段で息切れがあります。".to_owned(),
        parts: Part::ALL
            .iter()
            .map(|part| (*part, format!("{}について。", part.section().1)))
            .collect(),
        allergies: vec![
            allergen("ペニシリン", None, true),
            allergen("さば", Some("J9FC11310000"), false),
        ],
        files: vec![Attached {
            title: "心電図".to_owned(),
            kind: FileKind::Pdf,
            bytes: b"%PDF-1.4\n%%EOF".to_vec(),
        }],
    })
}
