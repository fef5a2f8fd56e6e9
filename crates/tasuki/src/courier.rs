//! The hand that carries notifications to facilities' own systems.
//!
//! It goes to addresses that the operator allowed, as `fhir_server` hands them over: redirects
//! are not followed, no proxy of the environment is used, and by TLS the receiver must have a
//! certificate of the roots that the operator named with the address.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fhir_server::subscriptions::work::{Courier, Letter, Trouble};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use ureq::{
    Agent,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

/// A receiver that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// A connection that rested longer may be closed at the other end.
const REST_MAX: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are read, so that its connection can be used again.
const ANSWER_BYTES_MAX: u64 = 64 << 10;
/// Sets of roots whose agents are kept.
const AGENTS_MAX: usize = 64;

/// The courier.
pub struct Postman {
    patience: Duration,
    /// By the roots that they believe.
    agents: Mutex<BTreeMap<String, Agent>>,
}

impl Default for Postman {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

impl Postman {
    /// One who waits this long for an answer.
    #[must_use]
    pub const fn with_patience(patience: Duration) -> Self {
        Self {
            patience,
            agents: Mutex::new(BTreeMap::new()),
        }
    }

    fn agent(&self, roots: &str) -> Result<Agent, Trouble> {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = agents.get(roots) {
            return Ok(agent.clone());
        }
        let mut certificates = Vec::new();
        for item in parse_pem(roots.as_bytes()) {
            if let PemItem::Certificate(root) = item.map_err(|_| Trouble::Tls)? {
                certificates.push(root);
            }
        }
        let provider: Arc<CryptoProvider> = Arc::new(aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let agent: Agent = Agent::config_builder()
            .timeout_global(Some(self.patience))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .http_status_as_error(false)
            .max_idle_age(REST_MAX)
            .tls_config(tls)
            .build()
            .into();
        if agents.len() >= AGENTS_MAX {
            agents.clear();
        }
        agents.insert(roots.to_owned(), agent.clone());
        Ok(agent)
    }
}

impl Courier for Postman {
    fn deliver(&self, letter: &Letter) -> Result<(), Trouble> {
        let agent = self.agent(&letter.roots)?;
        let mut request = agent
            .post(&letter.url)
            .content_type("application/fhir+json");
        for (name, value) in &letter.headers {
            request = request.header(name, value.reveal());
        }
        let mut answer = request
            .send(letter.body.as_slice())
            .map_err(|why| trouble(&why))?;
        let status = answer.status().as_u16();
        // What it says beside its status is of no interest, and may be cut off.
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let _said = body.read_to_vec();
        match status {
            200..=299 => Ok(()),
            _ => Err(Trouble::Status(status)),
        }
    }
}

fn trouble(why: &ureq::Error) -> Trouble {
    match why {
        ureq::Error::Timeout(_) => Trouble::Time,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => Trouble::Tls,
        // A handshake that fails inside the transport comes as an error of input and output.
        ureq::Error::Io(io)
            if io
                .get_ref()
                .is_some_and(|inner| inner.is::<rustls::Error>()) =>
        {
            Trouble::Tls
        }
        _ => Trouble::Unreachable,
    }
}
