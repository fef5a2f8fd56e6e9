//! The job that delivers: each receiver whose turn it is gets its next notification, several
//! receivers at once, so that a slow one keeps nobody else waiting.
//!
//! First the events are numbered, for good; then they are sent; then the outcome is written. A
//! program that dies between two of these sends the same numbers again.

use std::thread;

use access::Gate;
use kernel::{Secret, time::Timestamp};
use store::{Stop, StoreError, caller::Event};

use super::{
    model::{State, Subscription},
    notice, ops,
    store::{self as table, Which},
    wire,
};

static NUMBER: Event = Event {
    code: "fhir.notify-begin",
    ja: "通知の番号付け",
    en: "notifications numbered",
};
static NOTIFY: Event = Event {
    code: "fhir.notify",
    ja: "施設のシステムへの通知",
    en: "facility's system notified",
};
static EXPIRE: Event = Event {
    code: "fhir.notify-expire",
    ja: "届かなかった通知の削除",
    en: "undelivered notifications removed",
};

/// Receivers at once.
const RECEIVERS_MAX: i64 = 8;
/// Seconds until the second try; each further one takes twice as long.
const RETRY_SECONDS: i64 = 5;
const RETRY_SECONDS_MAX: i64 = 3_600;
/// Failures in a row after which a subscription is paused: about eight hours.
pub const FAILURES_MAX: i64 = 17;
/// Hours for which an event waits for its receiver.
pub const KEEP_HOURS: i64 = 7 * 24;
/// Subscriptions that are cleared in one round.
const STALE_MAX: i64 = 8;

/// What is sent.
#[derive(Debug)]
pub struct Letter {
    /// Where to; the operator allowed it.
    pub url: String,
    /// The roots (PEM) by which the receiver is believed.
    pub roots: String,
    /// Headers beside the content type.
    pub headers: Vec<(String, Secret<String>)>,
    /// The notification, FHIR JSON.
    pub body: Vec<u8>,
}

/// Why it did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answers at the address.
    Unreachable,
    /// Too slow.
    Time,
    /// The receiver's certificate is not believed.
    Tls,
    /// It answered otherwise than with success.
    Status(u16),
}

impl Trouble {
    /// In words, for its owner.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Unreachable => {
                "通知先に接続できません / the endpoint cannot be reached".to_owned()
            }
            Self::Time => "通知先の応答が遅すぎます / the endpoint is too slow".to_owned(),
            Self::Tls => {
                "通知先の証明書を確認できません / the endpoint's certificate is not believed"
                    .to_owned()
            }
            Self::Status(status) => {
                format!("通知先の応答: {status} / the endpoint answered {status}")
            }
        }
    }
}

/// Who carries letters out of the house: the program's own hand.
pub trait Courier: Sync {
    /// Delivers one; it must not take longer than some seconds.
    ///
    /// # Errors
    /// Why it did not arrive.
    fn deliver(&self, letter: &Letter) -> Result<(), Trouble>;
}

/// What is to be sent now.
struct Parcel {
    letter: Letter,
    /// The last number in it; what was delivered already, of a handshake.
    up_to: i64,
    /// Where the subscription stands if this fails.
    state: State,
    failures: i64,
}

/// A failure to be written down: where the subscription stands then, how many it was in a
/// row, and why.
type Failure = (State, i64, String);

/// What a look at a subscription shows.
enum Next {
    Nothing,
    /// Some events have no number yet.
    Number,
    /// The operator took the address away.
    Forbidden,
    Send(Box<Parcel>),
}

/// Sends what is due; was there anything?
///
/// # Errors
/// The store's; what was sent stays sent.
pub fn round(
    gate: &Gate,
    courier: &dyn Courier,
    origin: &str,
    is_stopping: &(dyn Fn() -> bool + Sync),
) -> Result<bool, Stop> {
    let at = gate.now();
    let due = gate.look_up(move |call| Ok(table::due(call, at, RECEIVERS_MAX)?));
    let due = due.wait()?;
    if due.is_empty() {
        return expire(gate, at);
    }
    thread::scope(|scope| {
        let begun: Vec<_> = due
            .iter()
            .filter(|_| !is_stopping())
            .map(|which| scope.spawn(|| serve(gate, courier, origin, *which)))
            .collect();
        let mut outcome = Ok(true);
        for thread in begun {
            // A thread that broke off has told of it; its receiver's turn comes again.
            if let Ok(Err(stop)) = thread.join() {
                outcome = Err(stop);
            }
        }
        outcome
    })
}

/// One notification to one receiver.
fn serve(gate: &Gate, courier: &dyn Courier, origin: &str, which: Which) -> Result<(), Stop> {
    let mut next = look(gate, origin, which)?;
    if matches!(next, Next::Number) {
        let intent = gate.job_intent("subscriptions", &NUMBER);
        let numbered = gate.write(intent, move |call| {
            call.concerns(which.facility);
            let Some(subscription) = table::get(call, which)? else {
                return Ok(());
            };
            let events = table::first(call, which, subscription.draft.batch)?;
            if table::number(call, which, subscription.events, &events)? {
                return Ok(());
            }
            Err(Stop::Failed(StoreError::Corrupt("numbers of events")))
        });
        numbered.wait()?;
        next = look(gate, origin, which)?;
    }
    match next {
        Next::Nothing | Next::Number => Ok(()),
        Next::Forbidden => {
            let words = "通知先の許可が取り消されました / the endpoint is no longer allowed";
            settle(
                gate,
                which,
                Err((State::Error, FAILURES_MAX, words.to_owned())),
            )
        }
        Next::Send(parcel) => {
            let outcome = courier.deliver(&parcel.letter);
            let failures = parcel.failures.saturating_add(1);
            let state = match failures {
                FAILURES_MAX.. => State::Error,
                _ => parcel.state,
            };
            let outcome = outcome.map_err(|trouble| (state, failures, trouble.words()));
            settle(gate, which, outcome.map(|()| parcel.up_to))
        }
    }
}

fn look(gate: &Gate, origin: &str, which: Which) -> Result<Next, Stop> {
    let (origin, at) = (origin.to_owned(), gate.now());
    let looked = gate.look_up(move |call| {
        let Some(subscription) = table::get(call, which)? else {
            return Ok(Next::Nothing);
        };
        if ops::rests(&subscription) || wire::state(&subscription, at) == State::Off {
            return Ok(Next::Nothing);
        }
        let url = &subscription.draft.endpoint;
        let Some(endpoint) = table::allowed(call, which.facility, url)? else {
            return Ok(Next::Forbidden);
        };
        let events = match subscription.state {
            State::Active => table::first(call, which, subscription.draft.batch)?,
            _ => Vec::new(),
        };
        if events.is_empty() && subscription.state == State::Active {
            return Ok(Next::Nothing);
        }
        // Those that were tried before go first and alone, as they went then.
        let numbered = events.iter().take_while(|one| !table::is_queued(one));
        let numbered = numbered.count();
        if numbered == 0 && !events.is_empty() {
            return Ok(Next::Number);
        }
        let events = events.get(..numbered).unwrap_or_default();
        Ok(Next::Send(Box::new(parcel(
            &origin,
            &subscription,
            endpoint.roots,
            events,
            at,
        ))))
    });
    looked.wait()
}

fn parcel(
    origin: &str,
    subscription: &Subscription,
    roots: String,
    events: &[super::model::Happened],
    at: Timestamp,
) -> Parcel {
    Parcel {
        letter: Letter {
            url: subscription.draft.endpoint.clone(),
            roots,
            headers: subscription.draft.headers.clone(),
            body: notice::bundle(origin, subscription, events, at),
        },
        up_to: events
            .last()
            .map_or(subscription.delivered, |last| last.number),
        state: subscription.state,
        failures: subscription.failures,
    }
}

/// Writes down how it went: up to which number, or the count of failures and why.
fn settle(gate: &Gate, which: Which, outcome: Result<i64, Failure>) -> Result<(), Stop> {
    let intent = gate.job_intent("subscriptions", &NOTIFY);
    let settled = gate.write(intent, move |call| {
        call.concerns(which.facility);
        call.detail("subscription", which.id.to_hex());
        match &outcome {
            Ok(up_to) => {
                call.detail("up-to", up_to.to_string());
                Ok(table::went(call, which, *up_to)?)
            }
            Err((state, failures, words)) => {
                call.detail("failures", failures.to_string());
                let next_at = call.at().plus_seconds(wait_s(*failures));
                Ok(table::failed(
                    call,
                    which,
                    (*state, *failures),
                    words,
                    next_at,
                )?)
            }
        }
    });
    settled.wait()
}

/// Seconds until the next try after so many failures in a row.
#[must_use]
pub(crate) fn wait_s(failures: i64) -> i64 {
    let doublings = u32::try_from(failures.saturating_sub(1).clamp(0, 20)).unwrap_or(0);
    let wait = RETRY_SECONDS.saturating_mul(1_i64 << doublings);
    wait.min(RETRY_SECONDS_MAX)
}

/// Removes what has waited too long.
fn expire(gate: &Gate, at: Timestamp) -> Result<bool, Stop> {
    let before = at.plus_hours(-KEEP_HOURS);
    let stale = gate.look_up(move |call| Ok(table::stale(call, before, STALE_MAX)?));
    let stale = stale.wait()?;
    for (which, last) in &stale {
        let (which, last) = (*which, *last);
        let intent = gate.job_intent("subscriptions", &EXPIRE);
        let gone = gate.write(intent, move |call| {
            call.concerns(which.facility);
            let gone = table::expire(call, which, before, last)?;
            call.detail("events", gone.to_string());
            Ok(())
        });
        gone.wait()?;
    }
    Ok(!stale.is_empty())
}
