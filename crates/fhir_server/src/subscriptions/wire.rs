//! The R4 `Subscription` resource: read strictly, shown without its secrets.
//!
//! Source: Subscriptions R5 Backport 1.1, backport-subscription (R4).

use fhir::{
    json::{Document, Node, Writer},
    schema,
};
use kernel::{Finding, Refusal, Secret, time::Timestamp};

use super::model::{Content, Draft, State, Subscription, Topic, is_safe};
use crate::{errors as server, model, operations::errors};

const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
/// Events of one notification, unless its owner wants fewer.
const BATCH: usize = 20;
const BATCH_MAX: usize = 100;
const HEADERS_MAX: usize = 10;
const HEADER_MAX: usize = 4_096;
/// Headers that are the courier's own.
const OWN_HEADERS: [&str; 8] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
];

/// Reads what an owner sends.
///
/// # Errors
/// [`server::JSON`], [`server::RESOURCE`], [`errors::TOPIC`], [`errors::SUBSCRIPTION`] with
/// every place.
pub(super) fn read(bytes: &[u8]) -> Result<Draft, Refusal> {
    let document = Document::parse(bytes)
        .map_err(|error| Refusal::with(&server::JSON, vec![error.finding()]))?;
    let root = document.root();
    let faults = schema::validate(root);
    if !faults.is_empty() {
        return Err(Refusal::with(&server::RESOURCE, faults));
    }
    let kind = root.str("resourceType").unwrap_or_default();
    if kind != "Subscription" {
        return Err(Refusal::at(&server::ID, "resourceType", kind));
    }
    let criteria = root.str("criteria").unwrap_or_default();
    let Some(topic) = Topic::parse(criteria) else {
        return Err(Refusal::at(
            &errors::TOPIC,
            "Subscription.criteria",
            criteria,
        ));
    };
    let mut reader = Reader::default();
    let draft = reader.draft(root, topic, document.source());
    if reader.faults.is_empty() {
        Ok(draft)
    } else {
        Err(Refusal::with(&errors::SUBSCRIPTION, reader.faults))
    }
}

#[derive(Default)]
struct Reader {
    faults: Vec<Finding>,
}

impl Reader {
    fn fault(&mut self, path: &str, found: &str) {
        let refusal = Refusal::at(&errors::SUBSCRIPTION, path, found);
        self.faults.extend(refusal.findings);
    }

    fn draft(&mut self, root: Node<'_>, topic: Topic, text: &str) -> Draft {
        let status = root.str("status").unwrap_or_default();
        if !matches!(status, "requested" | "off") {
            self.fault("Subscription.status", status);
        }
        let ends_at = root.str("end").map(|text| {
            Timestamp::parse(text).unwrap_or_else(|| {
                self.fault("Subscription.end", text);
                Timestamp::from_micros(0)
            })
        });
        let kinds = self.kinds(root, topic);
        let channel = root.get("channel");
        let of = |name: &str| channel.and_then(|channel| channel.str(name));
        let way = of("type").unwrap_or_default();
        if way != "rest-hook" {
            self.fault("Subscription.channel.type", way);
        }
        let endpoint = of("endpoint").unwrap_or_default();
        if !is_safe(endpoint) {
            self.fault("Subscription.channel.endpoint", endpoint);
        }
        let payload = of("payload").unwrap_or("application/fhir+json");
        if payload != "application/fhir+json" {
            self.fault("Subscription.channel.payload", payload);
        }
        Draft {
            topic,
            kinds,
            endpoint: endpoint.to_owned(),
            headers: channel
                .map(|channel| self.headers(channel))
                .unwrap_or_default(),
            content: channel.map_or(Content::IdOnly, |channel| self.content(channel)),
            batch: channel.map_or(BATCH, |channel| self.batch(channel)),
            ends_at,
            is_off: status == "off",
            text: Secret::new(text.to_owned()),
        }
    }

    /// Types out of the filters: `Observation` or `Observation?`.
    fn kinds(&mut self, root: Node<'_>, topic: Topic) -> Vec<String> {
        let mut kinds = Vec::new();
        let of_criteria = root.get("_criteria");
        let extensions = of_criteria
            .into_iter()
            .flat_map(|one| one.list("extension"));
        let place = "Subscription.criteria.extension";
        for extension in extensions {
            let url = extension.str("url").unwrap_or_default();
            if url.strip_prefix(BACKPORT) != Some("backport-filter-criteria") {
                self.fault(place, url);
                continue;
            }
            let filter = extension.str("valueString").unwrap_or_default();
            let kind = filter.strip_suffix('?').unwrap_or(filter);
            if topic == Topic::RecordChanged && model::is_kept(kind) {
                kinds.push(kind.to_owned());
            } else {
                self.fault(place, filter);
            }
        }
        kinds
    }

    fn headers(&mut self, channel: Node<'_>) -> Vec<(String, Secret<String>)> {
        let place = "Subscription.channel.header";
        let mut headers = Vec::new();
        for line in channel.list("header") {
            let line = line.as_str().unwrap_or_default();
            let pair = line.split_once(':').filter(|(name, value)| {
                let is_token = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
                !name.is_empty()
                    && name.bytes().all(is_token)
                    && !OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str())
                    && value.len() <= HEADER_MAX
                    && value.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
            });
            match pair {
                Some((name, value)) if headers.len() < HEADERS_MAX => {
                    let value = Secret::new(value.trim().to_owned());
                    headers.push((name.to_owned(), value));
                }
                // What stands there may be a secret: it is not repeated.
                _ => self.fault(place, ""),
            }
        }
        headers
    }

    fn content(&mut self, channel: Node<'_>) -> Content {
        let of_payload = channel.get("_payload");
        let extensions = of_payload.into_iter().flat_map(|one| one.list("extension"));
        let place = "Subscription.channel.payload.extension";
        let mut content = Content::IdOnly;
        for extension in extensions {
            let url = extension.str("url").unwrap_or_default();
            if url.strip_prefix(BACKPORT) != Some("backport-payload-content") {
                self.fault(place, url);
                continue;
            }
            match extension.str("valueCode").unwrap_or_default() {
                "empty" => content = Content::Empty,
                "id-only" => content = Content::IdOnly,
                // A web hook carries nobody's data.
                other => self.fault(place, other),
            }
        }
        content
    }

    fn batch(&mut self, channel: Node<'_>) -> usize {
        let mut batch = BATCH;
        for extension in channel.list("extension") {
            let url = extension.str("url").unwrap_or_default();
            let number = extension.get("valuePositiveInt");
            let number = number.and_then(Node::as_number_text).unwrap_or_default();
            match (url.strip_prefix(BACKPORT), number.parse()) {
                (Some("backport-max-count"), Ok(count @ 1..=BATCH_MAX)) => batch = count,
                (Some("backport-max-count"), _) => {
                    self.fault("Subscription.channel.extension", number);
                }
                _ => self.fault("Subscription.channel.extension", url),
            }
        }
        batch
    }
}

/// As its owner reads it: with id, state and trouble; of each header the name alone.
pub(super) fn show(subscription: &Subscription, at: Timestamp) -> Vec<u8> {
    let text = subscription.draft.text.reveal();
    let Ok(document) = Document::parse(text.as_bytes()) else {
        return Vec::new();
    };
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "Subscription");
    w.member_str("id", &subscription.id.to_hex());
    w.key("meta").begin_object();
    w.member_str("lastUpdated", &subscription.changed_at.to_string());
    let meta = document.root().get("meta");
    for (name, value) in meta.into_iter().flat_map(Node::entries) {
        if !matches!(name, "lastUpdated" | "versionId") {
            w.key(name).node(value);
        }
    }
    w.end();
    w.member_str("status", state(subscription, at).word());
    if !subscription.problem.is_empty() {
        w.member_str("error", &subscription.problem);
    }
    for (name, value) in document.root().entries() {
        match name {
            "resourceType" | "id" | "meta" | "status" | "error" => {}
            "channel" => {
                w.key(name).begin_object();
                for (name, value) in value.entries() {
                    if name == "header" {
                        masked(&mut w, value);
                    } else {
                        w.key(name).node(value);
                    }
                }
                w.end();
            }
            _ => {
                w.key(name).node(value);
            }
        }
    }
    w.finish()
}

fn masked(w: &mut Writer, headers: Node<'_>) {
    w.key("header").begin_array();
    for line in headers.items() {
        let line = line.as_str().unwrap_or_default();
        let name = line.split(':').next().unwrap_or_default();
        w.string(&format!("{name}: ***"));
    }
    w.end();
}

/// Where it stands at an instant: one whose time is over is off.
pub(super) fn state(subscription: &Subscription, at: Timestamp) -> State {
    match subscription.draft.ends_at {
        Some(end) if end <= at => State::Off,
        _ => subscription.state,
    }
}
