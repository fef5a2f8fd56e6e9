//! What was typed and clicked, and the letter that it makes.

use fhir::clins::InstitutionNumber;
use kernel::{Finding, Refusal, id::DocumentId};
use paper::{errors, sheet::clean};
use records::documents::sniff::{self, Found};
use web::{Attached as Sent, Request, request::Form};

use super::{
    draft_of,
    material::{Material, dated},
};
use crate::letter::{Addressee, Allergen, Attached, DEPARTMENTS, Letter, Part, Writer};

/// Most characters of one text.
pub(super) const TEXT_MAX: usize = 4_000;
/// Most characters of a name.
const NAME_MAX: usize = 100;
/// Most files of a letter.
///
/// Source: clins-documents section b (20 files).
pub(super) const FILES_MAX: usize = 20;
/// Most bytes of all files: base64 makes a third more of them, and a send has 10 MB.
pub(super) const FILES_BYTES_MAX: usize = 7 << 20;

/// What was typed and clicked.
#[derive(Default)]
pub(super) struct Typed {
    pub draft: Option<DocumentId>,
    pub department: String,
    pub doctor: String,
    pub purpose_picks: Vec<String>,
    pub purpose: String,
    pub problem_picks: Vec<String>,
    pub problems: String,
    pub illness_picks: Vec<String>,
    pub illness: String,
    pub allergy_picks: Vec<String>,
    pub drug_picks: Vec<String>,
    pub plan_picks: Vec<String>,
    /// Further parts, in the order of [`Part::ALL`].
    pub parts: Vec<(Part, String)>,
    pub has_consent: bool,
    pub why: Option<Refusal>,
}

impl Typed {
    /// An empty form; the patient's consent is asked for, and never taken for granted.
    pub(super) fn new(request: &Request, draft: DocumentId) -> Self {
        let _ = request;
        Self {
            draft: Some(draft),
            parts: Part::ALL
                .iter()
                .map(|part| (*part, String::new()))
                .collect(),
            ..Self::default()
        }
    }

    /// What came.
    pub(super) fn read(_request: &Request, form: &Form) -> Self {
        let all = |name: &str| -> Vec<String> {
            let values = form.all(name).into_iter();
            values
                .map(|one| one.trim().to_owned())
                .filter(|one| !one.is_empty())
                .collect()
        };
        Self {
            draft: draft_of(form.text("draft")),
            department: form.text("department").to_owned(),
            doctor: form.text("doctor").to_owned(),
            purpose_picks: all("purpose_pick"),
            purpose: form.text("purpose").to_owned(),
            problem_picks: all("problem_pick"),
            problems: form.text("problems").to_owned(),
            illness_picks: all("illness_pick"),
            illness: form.text("illness").to_owned(),
            allergy_picks: all("allergy_pick"),
            drug_picks: all("drug_pick"),
            plan_picks: all("plan_pick"),
            parts: Part::ALL
                .iter()
                .map(|part| (*part, form.text(part.field()).to_owned()))
                .collect(),
            has_consent: !form.text("consent").is_empty(),
            why: None,
        }
    }

    /// The letter.
    ///
    /// # Errors
    /// `TSK-LET-003` with every field that is not filled in well; `-004`, `-005`.
    pub(super) fn letter(&self, request: &Request, material: &Material) -> Result<Letter, Refusal> {
        let home = request.home()?;
        if InstitutionNumber::parse(&home.code).is_none() {
            return Err(Refusal::at(&errors::NO_NUMBER, "", &home.code));
        }
        let patient = material
            .patient()
            .ok_or_else(|| Refusal::new(&errors::NOT_INSURED))?;
        let mut faults = Vec::new();
        let purpose = joined(&self.purpose_picks, &self.purpose);
        let problems = joined(&self.problem_picks, &self.problems);
        let illness = joined(&self.illness_picks, &self.illness);
        required(&[&purpose, &problems, &illness], &mut faults);
        too_long("doctor", &self.doctor, NAME_MAX, &mut faults);
        let parts = self.parts(material);
        for (part, text) in &parts {
            too_long(part.field(), text, TEXT_MAX, &mut faults);
        }
        let department = DEPARTMENTS
            .into_iter()
            .find(|(code, _)| *code == self.department);
        if material.to.is_none() {
            faults.push(fault(
                "to",
                "紹介先を選び直してください。",
                "choose the addressee again",
            ));
        }
        let files = files(request.files(), &mut faults);
        let (Some(to), Some(draft), true) = (&material.to, self.draft, faults.is_empty()) else {
            return Err(Refusal::with(&errors::INCOMPLETE, faults));
        };
        Ok(Letter {
            draft,
            at: dated(request.at()),
            from: Writer {
                code: home.code.clone(),
                name: home.name.clone(),
                doctor: request.caller().name().to_owned(),
            },
            to: Addressee {
                code: to.code.as_str().to_owned(),
                name: to.name.clone(),
                department,
                doctor: clean(&self.doctor),
            },
            patient,
            purpose,
            problems,
            illness,
            parts,
            allergies: self.allergens(material),
            files,
        })
    }

    /// The allergies that were clicked, among those that the patient shared.
    fn allergens(&self, material: &Material) -> Vec<Allergen> {
        let all = material.allergies.iter();
        all.filter(|one| self.allergy_picks.contains(&one.word()))
            .cloned()
            .collect()
    }

    /// The further parts that say something.
    fn parts(&self, material: &Material) -> Vec<(Part, String)> {
        let mut parts = Vec::new();
        for (part, text) in &self.parts {
            let text = match part {
                Part::Allergies => {
                    let named = self.allergens(material);
                    let named: Vec<String> = named
                        .into_iter()
                        .map(|one| {
                            if one.is_grave {
                                format!("{}（重い反応のおそれ）", one.name)
                            } else {
                                one.name
                            }
                        })
                        .collect();
                    joined(&named, text)
                }
                Part::Drugs => joined(&self.drug_picks, text),
                Part::Plan => joined(&self.plan_picks, text),
                _ => clean(text),
            };
            if !text.is_empty() {
                parts.push((*part, text));
            }
        }
        parts
    }
}

/// What was clicked, then what was typed.
fn joined(picks: &[String], text: &str) -> String {
    let mut lines: Vec<String> = picks.iter().map(|one| clean(one)).collect();
    lines.push(clean(text));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn fault(field: &str, ja: &str, en: &str) -> Finding {
    Finding {
        path: field.to_owned(),
        rule: errors::INCOMPLETE.code.to_owned(),
        found: String::new(),
        remedy_ja: ja.to_owned(),
        remedy_en: en.to_owned(),
    }
}

/// The three texts that every letter has: purpose, problems, illness.
fn required(texts: &[&String; 3], faults: &mut Vec<Finding>) {
    let [purpose, problems, illness] = *texts;
    for (field, text, empty) in [
        (
            "purpose",
            purpose,
            "紹介の目的を、文を選ぶか入力してください。",
        ),
        (
            "problems",
            problems,
            "傷病名・主訴を、選ぶか入力してください。",
        ),
        (
            "illness",
            illness,
            "現在の病状を、文を選ぶか入力してください。",
        ),
    ] {
        if text.is_empty() {
            faults.push(fault(field, empty, "choose a sentence, or type one"));
        }
        too_long(field, text, TEXT_MAX, faults);
    }
}

fn too_long(field: &str, text: &str, most: usize, faults: &mut Vec<Finding>) {
    let count = text.chars().count();
    if count > most {
        let ja = format!("{most}字以内にしてください(いまは{count}字)。");
        let en = format!("at most {most} characters, not {count}");
        faults.push(fault(field, &ja, &en));
    }
}

/// The files, each of a kind that is taken.
fn files(sent: &[Sent], faults: &mut Vec<Finding>) -> Vec<Attached> {
    let sent: Vec<&Sent> = sent.iter().filter(|one| one.field == "files").collect();
    let bytes: usize = sent.iter().map(|one| one.bytes.len()).sum();
    if sent.len() > FILES_MAX {
        let ja = format!(
            "添付ファイルは{FILES_MAX}個までです(いまは{}個)。",
            sent.len()
        );
        faults.push(fault("files", &ja, &format!("at most {FILES_MAX} files")));
    }
    if bytes > FILES_BYTES_MAX {
        let ja = "添付ファイルは、合わせて7MBまでです。画像を小さくするか、数を減らしてください。";
        faults.push(fault("files", ja, "at most 7 MB of files together"));
    }
    let mut files = Vec::new();
    for one in sent {
        match sniff::sniff(&one.bytes) {
            Found::Kind(kind) => files.push(Attached {
                title: title(&one.name),
                kind,
                bytes: one.bytes.to_vec(),
            }),
            Found::Dangerous(what) => {
                let ja = format!("「{}」は添付できない種類のファイルです({what})。", one.name);
                faults.push(fault(
                    "files",
                    &ja,
                    &format!("{} may do harm: {what}", one.name),
                ));
            }
            Found::Unknown => {
                let ja = format!(
                    "「{}」は添付できない種類のファイルです。PDF・画像・DICOM・テキストをお使いください。",
                    one.name
                );
                faults.push(fault(
                    "files",
                    &ja,
                    &format!("{} is of no kind that is taken", one.name),
                ));
            }
        }
    }
    files
}

/// A file's title: its name without the end that names its kind, and without any folder.
fn title(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let title: String = clean(stem)
        .replace('\n', " ")
        .chars()
        .take(NAME_MAX)
        .collect();
    if title.is_empty() {
        "添付".to_owned()
    } else {
        title
    }
}
