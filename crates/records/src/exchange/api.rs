//! Letters for record systems and insurers, as JSON; documents and files as they are.

mod wire;

use access::policy::Permission;
use kernel::{Refusal, Text, id::DocumentId};
use store::{
    Call, Stop,
    caller::{Event, Home, Purpose},
};
use web::{Answer, Body, Face, Method, Request, Route, handler, route::Handler};

use super::{
    events::{
        ANSWER, CHECKUP, CHECKUPS, CONSENT, ENCLOSE, FILE, INBOX, LOOPS, OPEN, OWN, READ, SENT,
        WITHDRAW,
    },
    model::{After, Line, Progress, Side},
    ops,
};
use crate::documents::{
    errors as no,
    model::{File, Reading},
};

/// What a group of routes shares.
#[derive(Clone, Copy)]
struct Door(Permission, Purpose);

const RECEIVE: Door = Door(Permission::ReadDocuments, Purpose::Treatment);
const SEND: Door = Door(Permission::SendDocuments, Purpose::Registration);
const INSURE: Door = Door(Permission::SeeCheckups, Purpose::Intake);

fn route(
    (method, body): (Method, Body),
    path: &'static str,
    door: Door,
    event: &'static Event,
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Api,
        permission: door.0,
        event,
        purpose: door.1,
        body,
        summary: Text {
            ja: event.ja,
            en: event.en,
        },
        handler,
    }
}

const GET: (Method, Body) = (Method::Get, Body::None);
const POST: (Method, Body) = (Method::Post, Body::Json);

/// Routes of letters.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut all = received();
    all.extend(sent());
    all.extend(insured());
    all
}

fn received() -> Vec<Route> {
    vec![
        route(
            GET,
            "/api/v1/letters/inbox",
            RECEIVE,
            &INBOX,
            handler!(inbox),
        ),
        route(
            GET,
            "/api/v1/letters/open-loops",
            RECEIVE,
            &LOOPS,
            handler!(loops),
        ),
        route(
            GET,
            "/api/v1/letters/inbox/{letter}",
            RECEIVE,
            &READ,
            handler!(read),
        ),
        route(
            GET,
            "/api/v1/letters/inbox/{letter}/document",
            RECEIVE,
            &READ,
            handler!(read_document),
        ),
        route(
            GET,
            "/api/v1/letters/inbox/{letter}/files/{number}",
            RECEIVE,
            &FILE,
            handler!(read_file),
        ),
        route(
            POST,
            "/api/v1/letters/inbox/{letter}/open",
            RECEIVE,
            &OPEN,
            handler!(open),
        ),
        route(
            POST,
            "/api/v1/letters/inbox/{letter}/answer",
            SEND,
            &ANSWER,
            handler!(answer),
        ),
    ]
}

fn sent() -> Vec<Route> {
    vec![
        route(GET, "/api/v1/letters/sent", SEND, &SENT, handler!(own_list)),
        route(
            GET,
            "/api/v1/letters/sent/{letter}",
            SEND,
            &OWN,
            handler!(own),
        ),
        route(
            GET,
            "/api/v1/letters/sent/{letter}/document",
            SEND,
            &OWN,
            handler!(own_document),
        ),
        route(
            GET,
            "/api/v1/letters/sent/{letter}/files/{number}",
            SEND,
            &FILE,
            handler!(own_file),
        ),
        route(
            POST,
            "/api/v1/letters/sent/{letter}/consent",
            SEND,
            &CONSENT,
            handler!(consent),
        ),
        route(
            POST,
            "/api/v1/letters/sent/{letter}/withdraw",
            SEND,
            &WITHDRAW,
            handler!(withdraw),
        ),
        route(
            POST,
            "/api/v1/letters/sent/{letter}/enclose",
            SEND,
            &ENCLOSE,
            handler!(enclose),
        ),
    ]
}

fn insured() -> Vec<Route> {
    vec![
        route(
            GET,
            "/api/v1/letters/checkups",
            INSURE,
            &CHECKUPS,
            handler!(checkups),
        ),
        route(
            GET,
            "/api/v1/letters/checkups/{letter}",
            INSURE,
            &CHECKUP,
            handler!(checkup),
        ),
        route(
            GET,
            "/api/v1/letters/checkups/{letter}/document",
            INSURE,
            &CHECKUP,
            handler!(checkup_document),
        ),
    ]
}

fn letter(request: &Request) -> Result<DocumentId, Refusal> {
    request.id_param("letter", DocumentId::parse)
}

/// A document that travels with the letter; one that is none is absent.
fn part(request: &Request) -> Result<Option<DocumentId>, Refusal> {
    let part = request.query("part");
    part.map(|text| DocumentId::parse(text).ok_or_else(|| Refusal::new(&no::LETTER_UNKNOWN)))
        .transpose()
}

fn version(request: &Request) -> Result<Option<i64>, Refusal> {
    let version = request.query("version");
    version
        .map(|text| text.parse().map_err(|_| Refusal::new(&no::LETTER_UNKNOWN)))
        .transpose()
}

/// Which part of a list is asked for.
struct Wanted {
    progress: Option<Progress>,
    after: Option<After>,
    count: usize,
}

fn wanted(request: &Request) -> Result<Wanted, Refusal> {
    let wrong = |name, text| Refusal::at(&no::LIST_WORD, name, text);
    let given = |name| request.query(name).filter(|text| !text.is_empty());
    let progress = given("state").map(|t| Progress::parse(t).ok_or_else(|| wrong("state", t)));
    let after = given("after").map(|t| After::parse(t).ok_or_else(|| wrong("after", t)));
    Ok(Wanted {
        progress: progress.transpose()?,
        after: after.transpose()?,
        count: request.page_size(ops::LIST_MAX)?,
    })
}

fn page(lines: &[Line], count: usize) -> Answer {
    Answer::json(200, &wire::WireList::new(lines, count))
}

async fn inbox(request: Request) -> Result<Answer, Refusal> {
    let (facility, w) = (request.facility()?, wanted(&request)?);
    let lines = request
        .read(move |call| ops::inbox(call, facility, w.progress, w.after, w.count))
        .await?;
    Ok(page(&lines, w.count))
}

async fn own_list(request: Request) -> Result<Answer, Refusal> {
    let (facility, w) = (request.facility()?, wanted(&request)?);
    let lines = request
        .read(move |call| ops::sent(call, facility, w.progress, w.after, w.count))
        .await?;
    Ok(page(&lines, w.count))
}

async fn loops(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let loops = request.read(move |call| ops::loops(call, facility)).await?;
    Ok(Answer::json(200, &wire::WireLoops::new(&loops)))
}

async fn open(request: Request) -> Result<Answer, Refusal> {
    let wire::WireNothing {} = request.json()?;
    let (home, id) = (request.home()?.clone(), letter(&request)?);
    let state = request
        .write(move |call| ops::open(call, &home, id))
        .await?;
    Ok(Answer::json(200, &wire::WireState::of(state)))
}

/// Reads by one of the ways to a document.
async fn reading<F>(request: &Request, op: F) -> Result<Reading, Refusal>
where
    F: Fn(
            &mut Call<'_>,
            &Home,
            DocumentId,
            Option<DocumentId>,
            Option<i64>,
        ) -> Result<Reading, Stop>
        + Send
        + 'static,
{
    let (home, id) = (request.home()?.clone(), letter(request)?);
    let (part, version) = (part(request)?, version(request)?);
    request
        .read(move |call| op(call, &home, id, part, version))
        .await
}

fn meta(reading: &Reading) -> Answer {
    Answer::json(200, &wire::WireReading::of(reading))
}

async fn read(request: Request) -> Result<Answer, Refusal> {
    Ok(meta(&reading(&request, ops::read).await?))
}

async fn read_document(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::fhir(200, reading(&request, ops::read).await?.bytes))
}

async fn own(request: Request) -> Result<Answer, Refusal> {
    Ok(meta(&reading(&request, ops::own).await?))
}

async fn own_document(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::fhir(200, reading(&request, ops::own).await?.bytes))
}

async fn read_file(request: Request) -> Result<Answer, Refusal> {
    let (home, id, part) = (request.home()?.clone(), letter(&request)?, part(&request)?);
    let number = number(&request)?;
    let (file, bytes) = request
        .read(move |call| ops::read_file(call, &home, id, part, number))
        .await?;
    Ok(file_answer(&file, number, bytes))
}

async fn own_file(request: Request) -> Result<Answer, Refusal> {
    let (home, id, part) = (request.home()?.clone(), letter(&request)?, part(&request)?);
    let number = number(&request)?;
    let (file, bytes) = request
        .read(move |call| ops::own_file(call, &home, id, part, number))
        .await?;
    Ok(file_answer(&file, number, bytes))
}

/// Which file of a document an address means, from 1.
///
/// # Errors
/// `TSK-REC-056` for anything that is no such number.
pub fn number(request: &Request) -> Result<usize, Refusal> {
    let text = request.param("number");
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Refusal::new(&no::FILE_UNKNOWN))
}

/// A file out of a document, to be saved: it never acts as a page of ours. A page may show it
/// by `<img>` where [`File::is_shown`].
#[must_use]
pub fn file_answer(file: &File, number: usize, bytes: Vec<u8>) -> Answer {
    let name = format!("attachment-{number}.{}", file.kind.extension());
    Answer::foreign(file.kind.content_type(), &name, bytes)
}

/// What was sent, once it is sure that the letter is the caller's: whoever has no such letter
/// hears that, whatever the values say.
fn behind<'w, T>(
    call: &Call<'_>,
    home: &Home,
    side: Side,
    id: DocumentId,
    sent: &'w Result<T, Refusal>,
) -> Result<&'w T, Stop> {
    ops::listed(call, home.id, side, id)?;
    sent.as_ref().map_err(|why| Stop::Refused(why.clone()))
}

async fn answer(request: Request) -> Result<Answer, Refusal> {
    let (home, id) = (request.home()?.clone(), letter(&request)?);
    let given = request.json::<wire::WireAnswer>()?.parse(&home);
    let state = request
        .write(move |call| {
            let given = behind(call, &home, Side::Received, id, &given)?;
            ops::answer(call, &home, id, given)
        })
        .await?;
    Ok(Answer::json(200, &wire::WireState::of(state)))
}

async fn consent(request: Request) -> Result<Answer, Refusal> {
    let (home, id) = (request.home()?.clone(), letter(&request)?);
    let oral = request.json::<wire::WireOral>()?.parse();
    let state = request
        .write(move |call| {
            let oral = behind(call, &home, Side::Sent, id, &oral)?;
            ops::release(call, &home, id, oral)
        })
        .await?;
    Ok(Answer::json(200, &wire::WireState::of(state)))
}

async fn withdraw(request: Request) -> Result<Answer, Refusal> {
    let (home, id) = (request.home()?.clone(), letter(&request)?);
    let oral = request.json::<wire::WireOral>()?.parse();
    let state = request
        .write(move |call| {
            let oral = behind(call, &home, Side::Sent, id, &oral)?;
            ops::withdraw(call, &home, id, oral)
        })
        .await?;
    Ok(Answer::json(200, &wire::WireState::of(state)))
}

async fn enclose(request: Request) -> Result<Answer, Refusal> {
    let (home, id) = (request.home()?.clone(), letter(&request)?);
    let what = request.json::<crate::fhir_api::WireTarget>()?.parse(&home);
    let state = request
        .write(move |call| {
            let what = behind(call, &home, Side::Sent, id, &what)?;
            ops::enclose(call, &home, id, what)
        })
        .await?;
    Ok(Answer::json(200, &wire::WireState::of(state)))
}

async fn checkups(request: Request) -> Result<Answer, Refusal> {
    let (home, w) = (request.home()?.clone(), wanted(&request)?);
    let lines = request
        .read(move |call| ops::checkups(call, &home, w.after, w.count))
        .await?;
    Ok(page(&lines, w.count))
}

async fn one_checkup(request: &Request) -> Result<Reading, Refusal> {
    let (home, id) = (request.home()?.clone(), letter(request)?);
    request
        .read(move |call| ops::checkup(call, &home, id))
        .await
}

async fn checkup(request: Request) -> Result<Answer, Refusal> {
    Ok(meta(&one_checkup(&request).await?))
}

async fn checkup_document(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::fhir(200, one_checkup(&request).await?.bytes))
}
