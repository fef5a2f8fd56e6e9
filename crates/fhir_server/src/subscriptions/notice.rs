//! What a receiver is sent, and what an owner reads of a subscription's state.
//!
//! Source: Subscriptions R5 Backport 1.1, backport-subscription-notification-r4 and
//! backport-subscription-status-r4 (`Parameters`).

use fhir::json::Writer;
use kernel::{hex, time::Timestamp};

use super::{
    model::{Content, Happened, Lag, State, Subscription},
    wire,
};

const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

/// Why a status is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Handshake,
    Event,
    Query,
}

impl Why {
    const fn word(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Event => "event-notification",
            Self::Query => "query-status",
        }
    }
}

/// A notification of these events; without any it is a handshake.
pub(super) fn bundle(
    origin: &str,
    subscription: &Subscription,
    events: &[Happened],
    at: Timestamp,
) -> Vec<u8> {
    let why = if events.is_empty() {
        Why::Handshake
    } else {
        Why::Event
    };
    let place = format!("{origin}/fhir/Subscription/{}", subscription.id.to_hex());
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "Bundle");
    profile(&mut w, "backport-subscription-notification-r4");
    w.member_str("type", "history");
    w.member_str("timestamp", &at.to_string());
    w.key("entry").begin_array().begin_object();
    let name = name(subscription, events);
    w.member_str("fullUrl", &format!("urn:uuid:{name}"));
    w.key("resource");
    let count = events
        .last()
        .map_or(subscription.events, |last| last.number);
    let what = (origin, subscription, why, name.as_str());
    status(&mut w, what, count, events, |_| {});
    request(&mut w, ("GET", "200"), &format!("{place}/$status"));
    w.end();
    if subscription.draft.content == Content::IdOnly {
        let base = format!("{origin}/fhir/");
        for event in events {
            w.begin_object();
            let place = address(origin, &event.focus);
            // What is no resource of the partition is not below its address.
            let below = place.strip_prefix(&base).unwrap_or(&place);
            w.member_str("fullUrl", &place);
            request(&mut w, event.change.told(), below);
            w.end();
        }
    }
    w.finish()
}

/// The same each time that the same events are sent.
fn name(subscription: &Subscription, events: &[Happened]) -> String {
    let id = events.first().map_or(*subscription.id.as_bytes(), |e| e.id);
    let digits = hex::encode(&id);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    // The version and variant of a random UUID.
    format!(
        "{}-{}-4{}-a{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

/// The answer of `$status`.
pub(super) fn query(origin: &str, subscription: &Subscription, lag: Lag, at: Timestamp) -> Vec<u8> {
    let name = name(subscription, &[]);
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "Bundle");
    w.member_str("type", "searchset");
    w.member_str("timestamp", &at.to_string());
    w.key("entry").begin_array().begin_object();
    w.member_str("fullUrl", &format!("urn:uuid:{name}"));
    w.key("resource");
    let all = subscription.delivered.saturating_add(lag.waiting);
    let what = (origin, subscription, Why::Query, name.as_str());
    status(&mut w, what, all.max(subscription.events), &[], |w| {
        let instant = |w: &mut Writer, name: &str, at: Timestamp| {
            parameter(w, name).member_str("valueInstant", &at.to_string());
            w.end();
        };
        parameter(w, "delivered-events");
        w.member_str("valueString", &subscription.delivered.to_string())
            .end();
        parameter(w, "waiting-events");
        w.key("valueInteger").integer(lag.waiting).end();
        if let Some(since) = lag.since {
            instant(w, "waiting-since", since);
        }
        if subscription.failures > 0 {
            parameter(w, "failures");
            w.key("valueInteger").integer(subscription.failures).end();
            parameter(w, "problem");
            w.member_str("valueString", &subscription.problem).end();
            if wire::state(subscription, at) != State::Error {
                instant(w, "next-attempt", subscription.next_at);
            }
        }
    });
    w.key("search").begin_object();
    w.member_str("mode", "match");
    w.finish()
}

/// Where what an event is about is read: a resource of the partition, or a path of this server.
fn address(origin: &str, focus: &str) -> String {
    if focus.starts_with('/') {
        return format!("{origin}{focus}");
    }
    format!("{origin}/fhir/{focus}")
}

fn profile(w: &mut Writer, name: &str) {
    w.key("meta").begin_object();
    w.key("profile").begin_array();
    w.string(&format!("{BACKPORT}{name}"));
    w.end().end();
}

fn request(w: &mut Writer, (method, status): (&str, &str), url: &str) {
    w.key("request").begin_object();
    w.member_str("method", method);
    w.member_str("url", url);
    w.end();
    w.key("response").begin_object();
    w.member_str("status", status);
    w.end();
}

/// Begins a parameter; its value and its end are to follow.
fn parameter<'w>(w: &'w mut Writer, name: &str) -> &'w mut Writer {
    w.begin_object();
    w.member_str("name", name)
}

fn status(
    w: &mut Writer,
    (origin, subscription, why, id): (&str, &Subscription, Why, &str),
    count: i64,
    events: &[Happened],
    more: impl FnOnce(&mut Writer),
) {
    let place = format!("{origin}/fhir/Subscription/{}", subscription.id.to_hex());
    w.begin_object();
    w.member_str("resourceType", "Parameters");
    w.member_str("id", id);
    profile(w, "backport-subscription-status-r4");
    w.key("parameter").begin_array();
    parameter(w, "subscription");
    w.key("valueReference").begin_object();
    w.member_str("reference", &place).end().end();
    parameter(w, "topic");
    w.member_str("valueCanonical", subscription.draft.topic.url())
        .end();
    parameter(w, "status");
    w.member_str("valueCode", subscription.state.word()).end();
    parameter(w, "type")
        .member_str("valueCode", why.word())
        .end();
    parameter(w, "events-since-subscription-start");
    w.member_str("valueString", &count.to_string()).end();
    for event in events {
        parameter(w, "notification-event");
        w.key("part").begin_array();
        parameter(w, "event-number");
        w.member_str("valueString", &event.number.to_string()).end();
        parameter(w, "timestamp");
        w.member_str("valueInstant", &event.at.to_string()).end();
        if subscription.draft.content == Content::IdOnly {
            parameter(w, "focus");
            w.key("valueReference").begin_object();
            let focus = address(origin, &event.focus);
            w.member_str("reference", &focus).end().end();
        }
        w.end().end();
    }
    more(w);
    w.end().end();
}
