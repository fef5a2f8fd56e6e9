//! One's own documents (文書): letters, discharge summaries, care plans and checkup reports, as
//! the sheet that their facilities read, without what a doctor has not told the person yet.

use access::policy::Permission;
use fhir::{
    clins::document::{self, DocumentFacts},
    json::Document as Json,
};
use kernel::{
    Refusal, Text,
    id::{DocumentId, PersonId},
};
use maud::{Markup, html};
use paper::{Face as Font, Sheet, compose, errors, html as paged, pdf, sheet::Fact};
use records::{
    documents::{
        model::{File, Reading},
        ops::{self, OwnDocument},
    },
    exchange::api::{file_answer, number},
};
use store::{
    Call, Stop,
    caller::{Event, Purpose},
};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    route::Handler,
    ui::{self, Lang, Tone},
};

use crate::{
    events,
    frame::{self, Tab},
};

/// The address of the list.
pub const PATH: &str = "/portal/documents";

/// Earlier checkups whose results stand beside those of the one that is read.
const EARLIER_MAX: usize = 2;

/// Routes of one's own documents.
#[must_use]
pub fn routes() -> Vec<Route> {
    let get = |path, event: &'static Event, (ja, en), handler: Handler| Route {
        method: Method::Get,
        path,
        face: Face::Portal,
        permission: Permission::OwnData,
        event,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    };
    vec![
        get(
            PATH,
            &events::DOCUMENTS,
            ("自分の文書", "own documents"),
            handler!(list),
        ),
        get(
            "/portal/documents/{document}",
            &events::DOCUMENT,
            ("自分の文書を読む", "an own document"),
            handler!(show),
        ),
        get(
            "/portal/documents/{document}/pdf",
            &events::DOCUMENT,
            ("自分の文書のPDF", "an own document as PDF"),
            handler!(print),
        ),
        get(
            "/portal/documents/{document}/files/{number}",
            &events::DOCUMENT_FILE,
            ("自分の文書の添付ファイル", "a file of an own document"),
            handler!(file),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let (profile, own) = request
        .read(move |call| {
            let own = ops::own(call, me)?;
            Ok((registry::ops::profile(call, me)?, own))
        })
        .await?;
    let lang = request.lang();
    let body = html! {
        p { (lang.pick(
            "医療機関が登録した、あなたについての文書です。紹介状は、紹介先の施設が開いたかどうかも確かめられます。",
            "Documents about you that facilities registered. Of a letter you also see whether it was opened.")) }
        @if own.is_empty() {
            (ui::empty(
                lang.pick("文書はありません", "No documents"),
                lang.pick("医療機関が登録すると、ここに表示されます。", "They appear here when a facility registers them."),
                None))
        } @else {
            ul.records { @for one in &own { (line(lang, one)) } }
        }
        p { (lang.pick(
            "医師の説明のあとに表示される情報があります。くわしくは、受診した医療機関におたずねください。",
            "Some information appears only after your doctor has explained it.")) }
    };
    let title = Tab::Documents.label(lang);
    Ok(frame::portal_page(
        &request,
        &profile.name,
        title,
        Tab::Documents,
        body,
    ))
}

fn line(lang: Lang, one: &OwnDocument) -> Markup {
    let href = frame::link(lang, &format!("/portal/documents/{}", one.id.to_hex()));
    let tag = ui::Tag {
        label: lang.pick(one.state.ja(), one.state.en()),
        tone: ui::TagTone::Neutral,
    };
    html! {
        li {
            p.record-line {
                a.record-name href=(href) { (lang.pick(one.kind.name_ja(), one.kind.name_en())) }
                (ui::tag(&tag))
            }
            p.record-since {
                (one.sender)
                @if let Some(reader) = &one.reader { (lang.pick("から", " to ")) (reader) (lang.pick("へ", "")) }
            }
            p.provenance {
                (frame::instant(lang, one.registered_at))
                @if let Some(at) = one.opened_at {
                    (lang.pick("、開封 ", ", opened ")) (frame::instant(lang, at))
                }
            }
        }
    }
}

/// A document, with the earlier ones of its kind that it is compared with.
struct Read {
    name: String,
    reading: Reading,
    earlier: Vec<Reading>,
}

fn read(call: &mut Call<'_>, me: PersonId, id: DocumentId) -> Result<Read, Stop> {
    let reading = ops::own_reading(call, me, id)?;
    let mut earlier = Vec::new();
    if reading.document.kind.is_checkup() {
        let own = ops::own(call, me)?;
        let before = own.iter().filter(|one| {
            one.kind == reading.document.kind && one.registered_at < reading.document.registered_at
        });
        for one in before.take(EARLIER_MAX) {
            earlier.push(ops::own_reading(call, me, one.id)?);
        }
    }
    let name = registry::ops::profile(call, me)?.name;
    Ok(Read {
        name,
        reading,
        earlier,
    })
}

async fn look(request: &Request) -> Result<Read, Refusal> {
    let me = frame::me(request)?;
    let id = request.id_param("document", DocumentId::parse)?;
    request.read(move |call| read(call, me, id)).await
}

fn parsed(reading: &Reading) -> Result<(Json, DocumentFacts), Refusal> {
    let unreadable = || Refusal::new(&errors::UNREADABLE);
    let json = Json::parse(&reading.bytes).map_err(|_| unreadable())?;
    let facts = document::facts(&json).ok_or_else(unreadable)?;
    Ok((json, facts))
}

fn sheet(read: &Read) -> Result<Sheet, Refusal> {
    let (json, facts) = parsed(&read.reading)?;
    let mut sheet = compose::sheet(&json, &facts);
    let kept = &read.reading.document;
    sheet.origin.facts = vec![
        Fact::new("登録した施設", kept.head.sender.0.clone()),
        Fact::new("登録日時", kept.registered_at.jst_japanese()),
    ];
    // An earlier report that cannot be read is left out of the comparison alone.
    let earlier: Vec<DocumentFacts> = read
        .earlier
        .iter()
        .filter_map(|one| parsed(one).ok().map(|(_, facts)| facts))
        .collect();
    if let Some(section) = compose::compared(&facts, &earlier) {
        sheet.sections.insert(0, section);
    }
    Ok(sheet)
}

async fn show(request: Request) -> Result<Answer, Refusal> {
    let read = look(&request).await?;
    let lang = request.lang();
    let sheet = sheet(&read)?;
    let base = format!("/portal/documents/{}", read.reading.document.id.to_hex());
    let body = html! {
        (ui::actions(&[
            ui::button_link(&format!("{base}/pdf"), lang.pick("PDFを保存する", "Save as PDF"), Tone::Secondary),
            ui::print_button(lang),
        ]))
        (paged::article(&sheet))
        (files(lang, &base, &read.reading.files))
    };
    let title = lang.pick("文書を読む", "A document");
    Ok(frame::portal_page(
        &request,
        &read.name,
        title,
        Tab::Documents,
        body,
    ))
}

fn files(lang: Lang, base: &str, files: &[File]) -> Markup {
    html! {
        @if !files.is_empty() {
            (ui::section("files", lang.pick("添付ファイルを開く", "Files"), &html! {
                ol {
                    @for (nth, file) in files.iter().enumerate() {
                        li {
                            a href={(base) "/files/" (nth.saturating_add(1))} download {
                                (file.title) "." (file.kind.extension())
                            }
                            " (" (compose::size(file.bytes)) ")"
                            @if file.is_shown {
                                p { img.sheet-image src={(base) "/files/" (nth.saturating_add(1))} alt=(file.title) loading="lazy"; }
                            }
                        }
                    }
                }
            }))
        }
    }
}

async fn print(request: Request) -> Result<Answer, Refusal> {
    let sheet = sheet(&look(&request).await?)?;
    let font = request.app().told::<Font>().cloned();
    let font = font.ok_or_else(|| Refusal::new(&errors::FONT_MISSING))?;
    let printed = request.compute(move || pdf::print(&sheet, &font)).await?;
    let printed = printed.map_err(|_| Refusal::new(&errors::UNPRINTED))?;
    let name = format!("document-{}.pdf", request.at().jst_date().compact());
    Ok(Answer::file("application/pdf", &name, printed.bytes))
}

async fn file(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let id = request.id_param("document", DocumentId::parse)?;
    let number = number(&request)?;
    let (file, bytes) = request
        .read(move |call| ops::own_file(call, me, id, number))
        .await?;
    Ok(file_answer(&file, number, bytes))
}
