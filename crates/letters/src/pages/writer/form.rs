//! The form of a letter.

use eligibility::model::VisitId;
use kernel::Finding;
use maud::{Markup, html};
use paper::errors;
use web::{
    Answer, Request,
    ui::{self, Choice, Field, Lang, Level, Tone, Width},
};

use super::{Material, Typed, frame, picks, sent, typed};
use crate::letter::{DEPARTMENTS, ILLNESS, PLAN, PURPOSE, Part};

/// What is wrong with a field, in the page's language.
struct Faults<'t> {
    lang: Lang,
    all: &'t [Finding],
}

impl<'t> Faults<'t> {
    fn at(&self, field: &str) -> Option<&'t str> {
        let found = self.all.iter().find(|one| one.path == field)?;
        Some(match self.lang {
            Lang::Ja => &found.remedy_ja,
            Lang::En => &found.remedy_en,
        })
    }
}

/// The page.
pub(super) fn page(
    request: &Request,
    visit: VisitId,
    material: &Material,
    typed: &Typed,
) -> Answer {
    let lang = request.lang();
    let here = format!("/visits/{}/letter", visit.to_hex());
    let own = typed
        .why
        .as_ref()
        .filter(|why| why.entry.code == errors::INCOMPLETE.code);
    let faults = Faults {
        lang,
        all: own.map_or(&[], |why| why.findings.as_slice()),
    };
    let summary: Vec<ui::FieldError<'_>> = faults
        .all
        .iter()
        .map(|one| ui::FieldError {
            name: &one.path,
            message: lang.pick(&one.remedy_ja, &one.remedy_en),
        })
        .collect();
    let other = typed.why.as_ref().filter(|_| own.is_none());
    let body = html! {
        (ui::error_summary(lang, &summary))
        @if let Some(why) = other {
            (frame::refused(lang, lang.pick("紹介状を送れませんでした", "The letter was not sent"), why))
        }
        (material.strip(request))
        @if material.member.is_none() {
            (ui::notice(lang, Level::Warning, lang.text(&errors::NOT_INSURED.cause),
                &html! { p { (lang.text(&errors::NOT_INSURED.remedy)) } }))
        }
        // The preview opens beside the form, so the form may be sent more than once.
        form.form method="post" action=(here) enctype="multipart/form-data" novalidate accept-charset="utf-8" {
            (ui::csrf(&request.csrf()))
            (offers(material))
            @if let Some(draft) = typed.draft { (ui::hidden("draft", &draft.to_hex())) }
            (addressee(lang, &here, material, typed, &faults))
            (contents(lang, material, typed, &faults))
            (more(lang, material, typed, &faults))
            (files(lang, &faults))
            (consent(request, typed))
            (ui::actions(&[
                ui::submit_with(lang.pick("紹介状を送る", "Send the letter"), Tone::Primary, "act", "send"),
                html! { button.btn.btn-secondary type="submit" name="act" value="preview" formtarget="_blank" {
                    (lang.pick("紹介状を確かめる（別の画面で開きます）", "Preview (opens beside)"))
                } },
            ]))
        }
    };
    let title = lang.pick("紹介状を書く", "Write a letter");
    let crumbs = frame::crumbs(
        "/letters/new",
        lang.pick("患者さんを選ぶ", "Choose the patient"),
        title,
    );
    frame::page(request, title, &crumbs, typed.why.is_some(), body)
}

fn addressee(
    lang: Lang,
    here: &str,
    material: &Material,
    typed: &Typed,
    faults: &Faults<'_>,
) -> Markup {
    let options: Vec<Choice<'_>> = DEPARTMENTS
        .iter()
        .map(|(code, name)| Choice {
            value: code,
            label: name,
            description: None,
            checked: typed.department == *code,
        })
        .collect();
    ui::section(
        "addressee",
        lang.pick("紹介先", "Addressee"),
        &html! {
            @if let Some(to) = &material.to {
                p { strong { (to.name) } "（" (to.code.as_str()) "） "
                    a href=(here) { (lang.pick("紹介先を変える", "Change")) } }
                (ui::hidden("to", to.code.as_str()))
            } @else {
                p.error { (lang.pick("紹介先を選び直してください。", "Choose the addressee again."))
                    " " a href=(here) { (lang.pick("選ぶ", "Choose")) } }
            }
            (ui::select_field(&Field {
                lang,
                name: "department",
                label: lang.pick("診療科", "Department"),
                width: Width::Medium,
                ..Field::default()
            }, &options))
            (ui::text_field(&Field {
                lang,
                name: "doctor",
                label: lang.pick("担当の先生（わかるとき）", "Doctor, when known"),
                value: &typed.doctor,
                error: faults.at("doctor"),
                max_length: Some(100),
                width: Width::Medium,
                ..Field::default()
            }))
        },
    )
}

fn same(texts: &[&str]) -> Vec<(String, String)> {
    texts
        .iter()
        .map(|one| ((*one).to_owned(), (*one).to_owned()))
        .collect()
}

fn owned(texts: &[String]) -> Vec<(String, String)> {
    texts.iter().map(|one| (one.clone(), one.clone())).collect()
}

fn area(
    lang: Lang,
    name: &str,
    label: &str,
    value: &str,
    required: bool,
    faults: &Faults<'_>,
) -> Markup {
    ui::text_area(
        &Field {
            lang,
            name,
            label,
            value,
            error: faults.at(name),
            required,
            max_length: u16::try_from(typed::TEXT_MAX).ok(),
            ..Field::default()
        },
        3,
    )
}

/// The three parts that every letter has.
fn contents(lang: Lang, material: &Material, typed: &Typed, faults: &Faults<'_>) -> Markup {
    html! {
        (ui::section("purpose", lang.pick("紹介の目的", "Purpose"), &html! {
            (picks(lang, "purpose_pick", lang.pick("よく使う文", "Common sentences"), "", &same(&PURPOSE), &typed.purpose_picks))
            (area(lang, "purpose", lang.pick("紹介の目的（選んだ文に続けて書けます）", "Purpose, in your own words"), &typed.purpose, false, faults))
        }))
        (ui::section("problem", lang.pick("傷病名・主訴", "Diagnoses and complaints"), &html! {
            @if !material.is_shared {
                p { (lang.pick(
                    "患者さんの同意がないため、共有された診療情報は表示していません。",
                    "The patient has not consented to their shared record being seen here.")) }
            }
            (picks(lang, "problem_pick", lang.pick("共有された傷病名", "Shared diagnoses"),
                lang.pick("紹介状に書くものを選んでください。", "Choose what the letter names."), &owned(&material.conditions), &typed.problem_picks))
            (area(lang, "problems", lang.pick("傷病名・主訴（選んだものに続けて書けます）", "Diagnoses and complaints"), &typed.problems, false, faults))
        }))
        (ui::section("present", lang.pick("現在の病状", "Present illness"), &html! {
            (picks(lang, "illness_pick", lang.pick("よく使う文", "Common sentences"), "", &same(&ILLNESS), &typed.illness_picks))
            (area(lang, "illness", lang.pick("現病歴", "Present illness"), &typed.illness, false, faults))
        }))
    }
}

/// The parts that a letter may have.
fn more(lang: Lang, material: &Material, typed: &Typed, faults: &Faults<'_>) -> Markup {
    let allergies: Vec<(String, String)> = material
        .allergies
        .iter()
        .map(|one| {
            let kind = if one.is_drug {
                lang.pick("薬剤", "drug")
            } else {
                lang.pick("その他", "other")
            };
            (one.word(), format!("{}（{kind}）", one.name))
        })
        .collect();
    ui::section(
        "more",
        lang.pick("そのほかの情報（書けるものだけ）", "Further information"),
        &html! {
            @for (part, text) in &typed.parts {
                @match part {
                    Part::Allergies => (picks(lang, "allergy_pick", lang.pick("共有されたアレルギー・薬剤禁忌", "Shared allergies"),
                        lang.pick("紹介状に書くものを選んでください。", "Choose what the letter names."), &allergies, &typed.allergy_picks)),
                    Part::Drugs => (picks(lang, "drug_pick", lang.pick("共有された処方・自院の処方", "Shared and own prescriptions"), "", &owned(&material.drugs), &typed.drug_picks)),
                    Part::Plan => (picks(lang, "plan_pick", lang.pick("よく使う文", "Common sentences"), "", &same(&PLAN), &typed.plan_picks)),
                    _ => {}
                }
                (area(lang, part.field(), part.section().1, text, false, faults))
            }
        },
    )
}

fn files(lang: Lang, faults: &Faults<'_>) -> Markup {
    let name = "files";
    let id = ui::field_id(name);
    let error = faults.at(name);
    let hint = lang.pick(
        "PDF・画像・DICOM・テキストを20個まで、合わせて7MBまで選べます。",
        "Up to 20 files of PDF, image, DICOM or text, 7 MB together.",
    );
    ui::section(
        "attachments",
        lang.pick("添付ファイル", "Files"),
        &html! {
            div.field.field-wrong[error.is_some()] {
                label.label for=(id) { (lang.pick("添付するファイル", "Files to attach")) }
                p.hint id={(id) "-hint"} { (hint) }
                @if let Some(error) = error {
                    p.error id={(id) "-error"} { span.error-word { (lang.pick("エラー：", "Error: ")) } (error) }
                }
                input.input id=(id) name=(name) type="file" multiple
                    accept=".pdf,.jpg,.jpeg,.png,.gif,.tif,.tiff,.dcm,.txt,.xml"
                    aria-describedby={(id) "-hint"};
            }
        },
    )
}

fn consent(request: &Request, typed: &Typed) -> Markup {
    let lang = request.lang();
    let option = [Choice {
        value: "yes",
        label: lang.pick("患者さんから、口頭で同意をいただきました", "The patient consented orally"),
        description: Some(lang.pick(
            "選ぶと、送ってすぐに相手の施設が読めます。選ばないと、あとで同意を登録するまで相手は読めません。",
            "The addressee can read the letter at once; otherwise not before the consent is recorded.")),
        checked: typed.has_consent,
    }];
    ui::section(
        "consent",
        lang.pick("患者さんの同意", "The patient's consent"),
        &html! {
            (ui::checkbox_cards(&ui::Choices {
                lang,
                name: "consent",
                legend: lang.pick("この紹介状を相手の施設に送ることについて", "On sending this letter"),
                options: &option,
                ..ui::Choices::default()
            }))
            p { (lang.pick(
                "同意をいただいたときは、確かめた人と日時もご確認ください。",
                "With a consent, please see to who asked, and when.")) }
            (sent::consent_fields(request, false))
        },
    )
}

/// What was offered, so that it is there again when something has to be mended.
fn offers(material: &Material) -> Markup {
    html! {
        @if material.is_shared { (ui::hidden("offered", "1")) }
        @for one in &material.conditions { (ui::hidden("offer_problem", one)) }
        @for one in &material.allergies { (ui::hidden("offer_allergy", &one.word())) }
        @for one in &material.drugs { (ui::hidden("offer_drug", one)) }
    }
}
