//! What a handler gets, and the only way from a handler to the store.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{body::Bytes, http::HeaderMap};
use kernel::{
    Entry, Refusal,
    id::{FacilityId, RequestId},
    time::Timestamp,
};
use serde::de::DeserializeOwned;
use store::{
    Call, IN_DOUBT, Pending, Stop, StoreError, UNAVAILABLE,
    caller::{Actor, Caller, Home, Intent},
};

use access::{
    errors::{CONFIRM_REQUIRED, FORBIDDEN},
    session::{Origin, Stored},
    token::Peer,
};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use crate::{
    App, Route,
    errors::{FORM_INVALID, JSON_INVALID, NO_SUCH, PAGE_SIZE},
    span,
    ui::Lang,
};

/// Most entries of one page.
pub const PAGE_MAX: usize = 100;
/// Operations of one request that wait at once, when it has many.
const EACH_WAITING_MAX: usize = 64;
/// Most fields of one form.
const FIELDS_MAX: usize = 200;

/// A file that came in a form.
#[derive(Clone)]
pub struct Attached {
    /// The form field.
    pub field: String,
    /// The name that the sender's machine gave it: a claim, and personal data perhaps.
    pub name: String,
    /// Its bytes, never none.
    pub bytes: Bytes,
}

/// One request, past the funnel.
pub struct Request {
    pub(crate) app: Arc<App>,
    pub(crate) route: Route,
    pub(crate) intent: Intent,
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The other fields of a form that a file came in.
    pub(crate) fields: Option<Vec<(String, String)>>,
    /// The files of a form with several.
    pub(crate) files: Vec<Attached>,
    /// The place that a file takes until it is answered.
    pub(crate) file_place: Option<OwnedSemaphorePermit>,
    pub(crate) token: Option<String>,
    /// How the connection showed itself.
    pub(crate) peer: Peer,
    /// The session behind the token, while there is one.
    pub(crate) session: Option<Box<Stored>>,
    /// A keyed hash of the client's address.
    pub(crate) client: String,
    pub(crate) recorded: Arc<AtomicBool>,
}

impl Request {
    /// The program.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Who calls.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.intent.caller
    }

    /// The same request by whoever holds the card: a proxy in their own affairs, for which no
    /// relation counts.
    #[must_use]
    pub fn as_oneself(mut self) -> Self {
        if let Actor::Proxy { proxy, session, .. } = self.intent.caller.actor {
            self.intent.caller.actor = Actor::Patient {
                person: proxy,
                session,
            };
        }
        self
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.intent.at
    }

    /// The path as the route table has it.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.route.path
    }

    /// The request's number.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.intent.request
    }

    /// The caller's facility.
    ///
    /// # Errors
    /// `FORBIDDEN` for a caller without one.
    pub fn home(&self) -> Result<&Home, Refusal> {
        self.caller().home().ok_or_else(|| Refusal::new(&FORBIDDEN))
    }

    /// The caller's facility's identifier.
    ///
    /// # Errors
    /// As [`Request::home`].
    pub fn facility(&self) -> Result<FacilityId, Refusal> {
        self.home().map(|home| home.id)
    }

    /// How many entries the caller wants on a page: `count`, or `_count` as FHIR says.
    ///
    /// # Errors
    /// `PAGE_SIZE` for anything but 1 to 100.
    pub fn page_size(&self, otherwise: usize) -> Result<usize, Refusal> {
        let given = [
            ("count", self.query("count")),
            ("_count", self.query("_count")),
        ];
        let Some((name, text)) = given.into_iter().find_map(|(k, v)| Some((k, v?))) else {
            return Ok(otherwise.min(PAGE_MAX));
        };
        text.parse()
            .ok()
            .filter(|count| (1..=PAGE_MAX).contains(count))
            .ok_or_else(|| Refusal::at(&PAGE_SIZE, name, text))
    }

    /// A part of the path.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A part of the path as an identifier.
    ///
    /// # Errors
    /// `NO_SUCH` when it is not one; what is one, but absent or another's, is the service's to say.
    pub fn id_param<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Refusal> {
        parse(self.param(name)).ok_or_else(|| Refusal::new(&NO_SUCH))
    }

    /// The first value of a query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
    }

    /// Every value of a query parameter.
    #[must_use]
    pub fn query_all(&self, name: &str) -> Vec<&str> {
        let values = self.query.iter().filter(|(k, _)| k == name);
        values.map(|(_, v)| v.as_str()).collect()
    }

    /// All query parameters, in the order of the address.
    #[must_use]
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as it came; of a form with a file, the file.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The files that were chosen in a form that takes several; fields without one are absent.
    #[must_use]
    pub fn files(&self) -> &[Attached] {
        &self.files
    }

    /// The language of the page: `?lang=`, then the cookie `tasuki_lang`, then Japanese.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.query("lang")
            .and_then(Lang::parse)
            .or_else(|| crate::respond::cookie(&self.headers, "tasuki_lang").and_then(Lang::parse))
            .unwrap_or_default()
    }

    /// The session's token, from the cookie.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// From where the connection comes, and its certificate: of our own authority, and of a
    /// terminal that the ledger knows.
    #[must_use]
    pub const fn peer(&self) -> Peer {
        self.peer
    }

    /// Leaves the record of a refusal that is answered in a protocol's own form, unless an
    /// operation has left it already.
    pub async fn note_refusal(&self, entry: &'static Entry) {
        if self.recorded.swap(true, Ordering::Relaxed) {
            return;
        }
        let refused = self.app.gate.refuse(self.intent.clone(), entry);
        if let Err(Stop::Failed(error)) = refused.answer().await {
            tracing::error!(%error, "a refusal could not be recorded");
        }
    }

    /// The session of the caller, or of a log-in under way.
    #[must_use]
    pub fn session(&self) -> Option<&Stored> {
        self.session.as_deref()
    }

    /// Was the caller's second factor shown within the last five minutes? Dangerous acts ask
    /// this first; on a page the funnel then leads to `/account/confirm` and back.
    ///
    /// # Errors
    /// `CONFIRM_REQUIRED`.
    ///
    /// Source: identity-security section 3.2 (step-up).
    pub fn fresh(&self) -> Result<(), Refusal> {
        match self.session() {
            Some(session) if session.is_fresh(self.at()) => Ok(()),
            _ => Err(Refusal::new(&CONFIRM_REQUIRED)),
        }
    }

    /// From where a session of this request begins.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let peer = self.peer.certificate;
        let shown = peer.map(|sha256| kernel::hex::encode(&sha256));
        let browser = self.header("user-agent").unwrap_or_default();
        let parts: [&str; 2] = match &shown {
            Some(shown) => [shown, ""],
            None => [&self.client, browser],
        };
        Origin {
            peer,
            terminal: Some(self.app.gate.terminal_key(&parts)),
        }
    }

    /// A keyed hash of the address that the request comes from.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// The form token of the caller's session; empty for nobody.
    #[must_use]
    pub fn csrf(&self) -> String {
        self.token
            .as_deref()
            .map(access::session::form_token)
            .unwrap_or_default()
    }

    /// The form's fields in order.
    ///
    /// # Errors
    /// `FORM_INVALID` for more than 200 fields.
    pub fn form(&self) -> Result<Form, Refusal> {
        let fields: Vec<(String, String)> = match &self.fields {
            Some(fields) => fields.clone(),
            None => form_urlencoded::parse(&self.body)
                .into_owned()
                .take(FIELDS_MAX + 1)
                .collect(),
        };
        if fields.len() > FIELDS_MAX {
            return Err(Refusal::new(&FORM_INVALID));
        }
        Ok(Form(fields))
    }

    /// The JSON body, an object, as a wire struct.
    ///
    /// # Errors
    /// `JSON_INVALID` with line and column.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        // A wire struct would also be read from an array of its values in order: nobody means that.
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            return Err(Refusal::at(
                &JSON_INVALID,
                "line 1, column 1",
                "an array where an object is expected",
            ));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Refusal::at(&JSON_INVALID, &place, &plain_words(&error))
        })
    }

    /// Runs an operation that only reads.
    ///
    /// # Errors
    /// The operation's refusal, or `UNAVAILABLE` when the store failed.
    pub async fn read<T, F>(&self, op: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let span = span::gate("read");
        let pending = self.app.gate.read(self.intent.clone(), op);
        self.settle(pending).instrument(span).await
    }

    /// Runs an operation that changes something.
    ///
    /// # Errors
    /// As [`Request::read`].
    pub async fn write<T, F>(&self, op: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let span = span::gate("write");
        let pending = self.app.gate.write(self.intent.clone(), op);
        self.settle(pending).instrument(span).await
    }

    /// Runs many operations that change something, each with a transaction and a record of its
    /// own; the outcomes in their order. Only so many wait at once that others get their turn.
    pub async fn write_each<T, F>(&self, ops: impl Iterator<Item = F>) -> Vec<Result<T, Refusal>>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let span = span::gate("write");
        let mut waiting = VecDeque::new();
        let mut outcomes = Vec::new();
        for op in ops {
            if waiting.len() >= EACH_WAITING_MAX
                && let Some(first) = waiting.pop_front()
            {
                outcomes.push(self.settle(first).instrument(span.clone()).await);
            }
            waiting.push_back(self.app.gate.write(self.intent.clone(), op));
        }
        for pending in waiting {
            outcomes.push(self.settle(pending).instrument(span.clone()).await);
        }
        outcomes
    }

    /// Looks up what is about nobody.
    ///
    /// # Errors
    /// As [`Request::read`].
    pub async fn look_up<T, F>(&self, op: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let span = span::gate("look-up");
        let found = self.app.gate.look_up_for(self.intent.purpose, op);
        match found.answer().instrument(span).await {
            Ok(value) => Ok(value),
            Err(stop) => Err(refusal(stop)),
        }
    }

    /// Runs work that takes the processor for long, away from the threads that serve others.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the work panicked.
    pub async fn compute<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        tokio::task::spawn_blocking(work).await.map_err(|_| {
            // The panic's own words may quote what was computed: its place is logged alone.
            tracing::error!("a computation panicked");
            Refusal::new(&UNAVAILABLE)
        })
    }

    async fn settle<T>(&self, pending: Pending<T>) -> Result<T, Refusal> {
        match pending.answer().await {
            Ok(value) => {
                self.recorded.store(true, Ordering::Relaxed);
                Ok(value)
            }
            Err(Stop::Refused(refusal)) => {
                self.recorded.store(true, Ordering::Relaxed);
                Err(refusal)
            }
            Err(stop) => Err(refusal(stop)),
        }
    }
}

/// What the caller is told of a stop; the store's own trouble goes to the log.
#[must_use]
pub(crate) fn refusal(stop: Stop) -> Refusal {
    match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Failed(error) => {
            tracing::error!(%error, "the store failed");
            let mut refusal = Refusal::new(match error {
                StoreError::InDoubt => &IN_DOUBT,
                _ => &UNAVAILABLE,
            });
            refusal.retry_after_s = Some(5);
            refusal
        }
    }
}

/// serde's sentence without the place at its end, which is told apart.
fn plain_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(words, _)| words.to_owned())
}

/// A form's fields.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of a field, without white space around it; empty when absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(k, _)| k == name)
            .map_or("", |(_, v)| v.trim())
    }

    /// All fields in order, as they came.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Every value of a field.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
            .collect()
    }
}
