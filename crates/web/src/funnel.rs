//! The funnel that every request passes: number, limits, who is calling, rights, form
//! token, handler; and one audit record, whatever happened.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use access::{errors as no, policy, policy::Permission};
use axum::{
    Router,
    body::{Body as HttpBody, Bytes},
    extract::{RawPathParams, Request as HttpRequest, rejection::RawPathParamsRejection},
    http::{HeaderMap, header, request::Parts},
    response::Response,
    routing::{MethodFilter, MethodRouter},
};
use hyper::body::Body as _;
use kernel::{Entry, Refusal, id::RequestId};
use store::caller::{Actor, Event, Intent, Purpose, Role};
use tracing::Instrument;

use crate::{
    Answer, App, Body, Face, Method, Request, Route, errors, guard, health, intake,
    metrics::{Lane, RouteMeter},
    places::{self, Places, busy},
    rates, request,
    respond::{self, cookie, session_cookie},
    serve::{Crowded, Side},
    span,
    standing::{self, Standing},
    ui::Lang,
    upload,
};

static ASTRAY: Event = Event {
    code: "web.astray",
    ja: "存在しないアドレスへのアクセス",
    en: "no such address",
};

/// Files up to this size are held in memory as other bodies are, without a place of their own.
const SMALL_FILE_BYTES: u64 = 1 << 20;

/// One way in: a route, or the way of whoever finds none, with what is counted on it.
struct Way {
    app: Arc<App>,
    meter: RouteMeter,
    method: &'static str,
    path: &'static str,
}

impl Way {
    fn of(app: &Arc<App>, route: &Route) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::clone(app),
            meter: app.metrics.route(route),
            method: route.method.word(),
            path: route.path,
        })
    }

    fn astray(app: &Arc<App>) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::clone(app),
            meter: app.metrics.astray(),
            method: "(any)",
            path: "(none)",
        })
    }

    /// Counts and traces what `answer` does, and notes it in the access log.
    async fn watch(
        &self,
        id: RequestId,
        headers: &HeaderMap,
        answer: impl Future<Output = Response>,
    ) -> Response {
        let began = Instant::now();
        let span = span::request(self.method, self.path, id, headers);
        let mut response = answer.instrument(span.clone()).await;
        if self.app.is_secure() {
            let headers = response.headers_mut();
            headers.insert(header::STRICT_TRANSPORT_SECURITY, respond::TLS_ONLY);
        }
        let (status, took) = (response.status().as_u16(), began.elapsed());
        span::answered(&span, status);
        self.meter.answered(status, took);
        // Words of the route table and figures: no part of the path, no query, no name.
        tracing::info!(
            target: "access_log",
            request = %format_args!("{}", id.to_hex()),
            method = self.method,
            route = self.path,
            status,
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            bytes = response.body().size_hint().exact(),
            "answered"
        );
        response
    }
}

/// The router over the whole route table.
pub fn router(app: &Arc<App>) -> Router {
    let places = Arc::new(Places::new(&app.metrics));
    let astray_way = Way::astray(app);
    let mut by_path: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    for route in &app.routes {
        let filter = match route.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
            Method::Patch => MethodFilter::PATCH,
            Method::Delete => MethodFilter::DELETE,
        };
        let (way, places, route) = (Way::of(app, route), Arc::clone(&places), *route);
        let handler = move |params: Result<RawPathParams, RawPathParamsRejection>,
                            http: HttpRequest| {
            let (way, places) = (Arc::clone(&way), Arc::clone(&places));
            async move { enter(&way, &places, route, params, http).await }
        };
        let methods = by_path.remove(route.path).unwrap_or_default();
        by_path.insert(route.path, methods.on(filter, handler));
    }
    let mut router = Router::new();
    for (path, methods) in by_path {
        let (way, places) = (Arc::clone(&astray_way), Arc::clone(&places));
        let wrong = move |http: HttpRequest| {
            let (way, places) = (Arc::clone(&way), Arc::clone(&places));
            async move { astray(&way, &places, http, &errors::NO_METHOD).await }
        };
        router = router.route(path, methods.fallback(wrong));
    }
    router.fallback(move |http: HttpRequest| {
        let (way, places) = (Arc::clone(&astray_way), Arc::clone(&places));
        async move { astray(&way, &places, http, &errors::NO_ROUTE).await }
    })
}

/// An address or method that is not in the table.
async fn astray(way: &Way, places: &Places, http: HttpRequest, entry: &'static Entry) -> Response {
    let app = &way.app;
    let path = http.uri().path();
    let face = match path {
        _ if path.starts_with("/fhir") => Face::Fhir,
        _ if path.starts_with("/api") => Face::Api,
        _ if path.starts_with("/portal") => Face::Portal,
        _ => Face::Page,
    };
    let caller = app.gate.anonymous(&address(&http));
    let intent = app.gate.intent(caller, Purpose::Operation, &ASTRAY);
    let id = intent.request;
    let is_crowded = is_crowded(&http);
    let (parts, _) = http.into_parts();
    let answer = async {
        if is_crowded {
            places.turned_away(Lane::Ordinary);
            return respond::response(respond::refused(app, face, Lang::Ja, &busy(), id), id);
        }
        // Whoever tries one address after the other fills the audit log with nothing else.
        if let Err(wait) = app.rates.charge(&intent.caller, None, false, intent.at) {
            if wait.is_recorded {
                record(app, intent, wait.refusal.entry).await;
            }
            let answer = respond::refused(app, face, Lang::Ja, &wait.refusal, id);
            return respond::response(answer, id);
        }
        let refusal = Refusal::new(entry);
        let answer = respond::refused(app, face, Lang::Ja, &refusal, id);
        if app.gate.refuse(intent, entry).answer().await.is_ok() {
            tracing::error!("a refusal was answered as done");
        }
        respond::response(answer, id)
    };
    way.watch(id, &parts.headers, answer).await
}

/// Did it come by a connection that is there for emergencies only?
fn is_crowded(http: &HttpRequest) -> bool {
    http.extensions().get::<Crowded>().is_some()
}

fn address(http: &HttpRequest) -> String {
    http.extensions()
        .get::<SocketAddr>()
        .map_or_else(|| "local".to_owned(), |a| a.ip().to_string())
}

async fn enter(
    way: &Way,
    places: &Places,
    route: Route,
    params: Result<RawPathParams, RawPathParamsRejection>,
    http: HttpRequest,
) -> Response {
    let app = &way.app;
    let side = http.extensions().get::<Side>().copied();
    if side == Some(Side::Public) && guard::is_office(route.path) {
        return astray(way, places, http, &errors::NO_ROUTE).await;
    }
    let nobody = app.gate.anonymous(&address(&http));
    let intent = app.gate.intent(nobody, route.purpose, route.event);
    let id = intent.request;
    let is_crowded = is_crowded(&http);
    let (parts, body) = http.into_parts();
    let answer = async {
        let lane = places::lane(route.purpose);
        // Whoever asks whether the program is alive must hear it also when it is busy.
        if health::is_health(route.path) {
            return handle(way, places, route, intent, params, &parts, body).await;
        }
        let place = if is_crowded && lane == Lane::Ordinary {
            places.turned_away(lane);
            None
        } else {
            places.request(lane)
        };
        if place.is_none() {
            let answer = respond::refused(app, route.face, Lang::Ja, &busy(), id);
            return respond::response(answer, id);
        }
        handle(way, places, route, intent, params, &parts, body).await
    };
    way.watch(id, &parts.headers, answer).await
}

/// The request as its line and headers say; nobody has been identified, nothing admitted.
fn request_of(
    way: &Way,
    route: Route,
    intent: Intent,
    params: Result<RawPathParams, RawPathParamsRejection>,
    parts: &Parts,
) -> Request {
    // A part of the path that is no text is like one that is absent: handlers find no such
    // thing, after rights were checked.
    let params: BTreeMap<String, String> = params
        .iter()
        .flat_map(RawPathParams::iter)
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect();
    let query: Vec<(String, String)> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let client = match &intent.caller.actor {
        Actor::Anonymous { client } => client.clone(),
        _ => String::new(),
    };
    Request {
        app: Arc::clone(&way.app),
        route,
        intent,
        params,
        query,
        headers: parts.headers.clone(),
        body: Bytes::new(),
        fields: None,
        files: Vec::new(),
        file_place: None,
        token: None,
        peer: guard::peer(parts),
        session: None,
        client,
        recorded: Arc::new(AtomicBool::new(false)),
    }
}

/// A request that has its place.
async fn handle(
    way: &Way,
    places: &Places,
    route: Route,
    intent: Intent,
    params: Result<RawPathParams, RawPathParamsRejection>,
    parts: &Parts,
    body: HttpBody,
) -> Response {
    let id = intent.request;
    let mut request = request_of(way, route, intent, params, parts);
    let mut rate = None;
    let answer = admit(&mut request, parts, body, places, &mut rate).await;
    let confirm = standing::confirm(&request, parts.uri.path_and_query());
    let (recorded, lang) = (Arc::clone(&request.recorded), request.lang());
    let (app, face) = (Arc::clone(&request.app), request.route.face);
    let role = request.caller().role();
    let intent = request.intent.clone();
    let outcome = match answer {
        Ok(Some(detour)) => Ok(detour),
        Ok(None) => (request.route.handler)(request).await,
        Err(refusal) => Err(refusal),
    };
    let answer = match outcome {
        Ok(answer) if route.path.contains("/login") => {
            answer.leading_on(&parts.headers, app.is_secure())
        }
        Ok(answer) => answer,
        Err(refusal) => {
            if !recorded.load(Ordering::Relaxed) {
                record(&app, intent, refusal.entry).await;
            }
            if let Some(confirm) = confirm.filter(|_| refusal.entry == &no::CONFIRM_REQUIRED) {
                return respond::response(Answer::see_other(&confirm), id);
            }
            respond::refused(&app, face_of(face, role), lang, &refusal, id)
        }
    };
    let mut response = respond::response(answer, id);
    if let (Some(rate), Face::Api | Face::Fhir) = (rate, face) {
        guard::tell(rate, response.headers_mut());
    }
    response
}

/// A page's refusal leads back to where this caller is at home: staff who strayed into the
/// portal to their own pages, a patient at a staff page to the portal.
const fn face_of(face: Face, role: Role) -> Face {
    match (face, role) {
        (Face::Page, Role::Patient | Role::Proxy) => Face::Portal,
        (Face::Portal, Role::Patient | Role::Proxy | Role::Anonymous) => Face::Portal,
        (Face::Portal, _) => Face::Page,
        (face, _) => face,
    }
}

async fn record(app: &App, intent: Intent, entry: &'static Entry) {
    if let Err(store::Stop::Failed(error)) = app.gate.refuse(intent, entry).answer().await {
        tracing::error!(%error, "a refusal could not be recorded");
    }
}

/// Leaves the record of a refusal that is told on a page of its own.
pub(crate) async fn note(request: &Request, entry: &'static Entry) {
    if !request.recorded.load(Ordering::Relaxed) {
        record(&request.app, request.intent.clone(), entry).await;
    }
}

/// Finds out who calls and whether they may; reads the body. `Some` is an answer instead of
/// the handler's: the way to the log-in page.
async fn admit(
    request: &mut Request,
    parts: &Parts,
    body: HttpBody,
    places: &Places,
    rate: &mut Option<rates::Standing>,
) -> Result<Option<Answer>, Refusal> {
    // Health is answered to nobody in particular: to find out who asks would ask the store.
    if health::is_health(request.route.path) {
        return Ok(None);
    }
    guard::check_length(parts)?;
    let identified = identify(request).await;
    *rate = guard::charge(request)?;
    let standing = identified?;
    guard::place_at_terminal(request).await?;
    if let Some(address) = request.peer.address {
        let has_certificate = request.peer.certificate.is_some();
        let (seen, at) = (&request.app.seen, request.at());
        seen.note_program(address, request.caller(), has_certificate, at);
    }
    if let Some(entry) = standing.objection(&request.route) {
        return to_login(request, entry, parts).await;
    }
    let role = request.caller().role();
    if !policy::admits(request.caller(), request.route.permission) {
        if role != Role::Anonymous {
            let is_narrowed = policy::allows(role, request.route.permission);
            let entry = if is_narrowed {
                &no::SCOPE_MISSING
            } else {
                &no::FORBIDDEN
            };
            return Err(Refusal::new(entry));
        }
        return to_login(request, standing.login_entry(), parts).await;
    }
    // A vendor is let in inside an approved window only; to log out is always possible.
    if role == Role::VendorSupport && request.route.permission != Permission::Public {
        let (gate, purpose) = (&request.app.gate, request.intent.purpose);
        let open = gate.check_window(request.caller(), purpose).await;
        open.map_err(request::refusal)?;
    }
    intake::check_content_type(&request.route, &request.headers)?;
    let _place = match request.route.body {
        Body::None => None,
        _ => Some(places.body(places::lane(request.route.purpose), request.caller())?),
    };
    // A counter's list is no larger than any other body; an insurer's file is.
    let is_large = |most: Option<u64>| most.is_none_or(|most| most > SMALL_FILE_BYTES);
    if request.route.body == Body::File && is_large(body.size_hint().upper()) {
        request.file_place = Some(places.file()?);
    }
    request.body = intake::read_body(body, request.route.body).await?;
    if request.route.body == Body::File && matches!(request.route.face, Face::Page | Face::Portal) {
        let upload = upload::read(&request.headers, std::mem::take(&mut request.body)).await?;
        (request.fields, request.body) = (Some(upload.fields), upload.file);
    }
    if request.route.body == Body::Files {
        let body = std::mem::take(&mut request.body);
        let upload = upload::read_all(&request.headers, body).await?;
        (request.fields, request.files) = (Some(upload.fields), upload.files);
    }
    check_form(request, parts)?;
    Ok(None)
}

/// A person's browser is led to the log-in page; a program is told.
async fn to_login(
    request: &Request,
    entry: &'static Entry,
    parts: &Parts,
) -> Result<Option<Answer>, Refusal> {
    let way = match request.route.face {
        Face::Page => &standing::way(request, entry, parts.uri.path_and_query()),
        Face::Portal if entry == &no::SESSION_ENDED => "/portal/login?ended=1",
        Face::Portal => "/portal/login",
        Face::Api | Face::Fhir => return Err(Refusal::new(entry)),
    };
    if request.route.method != Method::Get {
        return Err(Refusal::new(entry));
    }
    record(&request.app, request.intent.clone(), entry).await;
    Ok(Some(Answer::see_other(way)))
}

/// Sets the caller from the credentials; how a session that they belong to stands.
async fn identify(request: &mut Request) -> Result<Standing, Refusal> {
    let (gate, purpose) = (&request.app.gate, request.intent.purpose);
    let bearer = request
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    if let Some(token) = bearer {
        if matches!(request.route.face, Face::Page | Face::Portal) {
            return Ok(Standing::None);
        }
        let client = gate.client(token, request.peer, purpose);
        let client = client.instrument(span::gate("client"));
        request.intent.caller = client.await.map_err(request::refusal)?;
        return Ok(Standing::None);
    }
    let name = session_cookie(request.app.is_secure());
    let Some(token) = cookie(&request.headers, name).map(str::to_owned) else {
        return Ok(Standing::None);
    };
    let session = gate
        .session(&token, purpose)
        .instrument(span::gate("session"));
    let login = session.await.map_err(request::refusal)?;
    let is_program = matches!(request.route.face, Face::Api | Face::Fhir);
    // A browser's session opens a program's address for reading only: no form token is there.
    if is_program && request.route.method != Method::Get {
        return Ok(Standing::None);
    }
    standing::enter(request, token, login)
}

/// A form must come from our own page: same origin, and with the session's token.
fn check_form(request: &Request, parts: &Parts) -> Result<(), Refusal> {
    // A session never authenticates a program's form: there is nothing to forge.
    let is_program = matches!(request.route.face, Face::Api | Face::Fhir);
    if !matches!(request.route.body, Body::Form | Body::File | Body::Files) || is_program {
        return Ok(());
    }
    let forged = || Refusal::new(&no::FORM_FORGED);
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let origin = request.header("origin");
    if let Some(origin) = origin {
        // `null` is the origin of nobody's page, and never equal to a host.
        let from = origin.split_once("://").map(|(_, rest)| rest);
        if from.is_none() || from != host {
            return Err(forged());
        }
    }
    if request.header("sec-fetch-site") == Some("cross-site") {
        return Err(forged());
    }
    if request.token.is_some() {
        let given = request.form()?;
        if given.text(crate::ui::CSRF_FIELD) != request.csrf() {
            return Err(forged());
        }
    }
    Ok(())
}
