//! A clinic's node asks its platform over the wire.
//!
//! The address is the operator's alone ([`crate::upstream`]): nothing that a request says is
//! ever asked, redirects are not followed and no proxy of the environment is used. By TLS the
//! other end must have a certificate of the roots that the file names.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, ensure};
use counter::line::{Cut, Heard, Line};
use kernel::{
    Secret,
    time::{Clock, Timestamp},
};
use peers::oauth::Credentials;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use serde_json::Value;
use ureq::{
    Agent,
    http::Response,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::program::SystemClock;

/// Whoever waits at a counter waits no longer.
const PATIENCE: Duration = Duration::from_secs(3);
/// A connection that rested longer may be closed at the other end.
const REST_MAX: Duration = Duration::from_secs(1);
/// Most bytes of an answer: a page of a copy holds a hundred people.
const ANSWER_BYTES_MAX: u64 = 8 << 20;
/// Seconds before its end at which a token is renewed.
const RENEW_SECONDS: i64 = 60;

/// The line.
pub struct Wire {
    agent: Agent,
    url: String,
    credentials: Credentials,
    clock: SystemClock,
    token: Mutex<Option<(Secret<String>, Timestamp)>>,
}

impl Wire {
    /// A line to the platform at `url`, believed by these roots (PEM) when it speaks TLS.
    ///
    /// # Errors
    /// When it speaks TLS and there is no root, or none that can be read.
    pub fn new(url: &str, credentials: Credentials, roots: Option<&str>) -> anyhow::Result<Self> {
        let mut certificates = Vec::new();
        for item in parse_pem(roots.unwrap_or_default().as_bytes()) {
            if let PemItem::Certificate(root) =
                item.context("ca を読めません / ca cannot be read")?
            {
                certificates.push(root);
            }
        }
        ensure!(
            !url.starts_with("https://") || !certificates.is_empty(),
            "https:// の接続先には ca(認証局の証明書、PEM)が必要です / an https:// platform needs ca, its roots (PEM)"
        );
        let provider: Arc<CryptoProvider> = Arc::new(aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .http_status_as_error(false)
            .max_idle_age(REST_MAX)
            .tls_config(tls)
            .build()
            .into();
        Ok(Self {
            agent,
            url: url.to_owned(),
            credentials,
            clock: SystemClock,
            token: Mutex::new(None),
        })
    }

    fn send(
        &self,
        path: &str,
        (kind, authorization): (&str, Option<&str>),
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), Cut> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.url))
            .content_type(kind);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let mut answer: Response<ureq::Body> = request.send(body).map_err(|why| cut(&why))?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let body = body.read_to_vec().map_err(|why| cut(&why))?;
        match status {
            408 | 429 | 500.. => Err(Cut::Status(status)),
            // A platform sends nobody elsewhere from here.
            300..=399 => Err(Cut::Form),
            _ => Ok((status, body)),
        }
    }

    /// The token that is held, or a new one.
    fn token(&self) -> Result<Secret<String>, Cut> {
        let now = self.clock.now();
        if let Some((token, until)) = self.held().as_ref()
            && now < *until
        {
            return Ok(token.clone());
        }
        let form = self.credentials.asking(&self.url, now);
        let form = form.map_err(|_| Cut::Registration)?;
        let kind = "application/x-www-form-urlencoded";
        let (status, body) = self.send("/oauth/token", (kind, None), form.as_bytes())?;
        if matches!(status, 400 | 401 | 403) {
            return Err(Cut::Registration);
        }
        let answer: Value = serde_json::from_slice(&body).map_err(|_| Cut::Form)?;
        let token = answer.get("access_token").and_then(Value::as_str);
        let lasts = answer.get("expires_in").and_then(Value::as_i64);
        let (Some(token), Some(lasts)) = (token, lasts) else {
            return Err(Cut::Form);
        };
        let token = Secret::new(token.to_owned());
        *self.held() = Some((token.clone(), now.plus_seconds(lasts - RENEW_SECONDS)));
        Ok(token)
    }

    fn held(&self) -> MutexGuard<'_, Option<(Secret<String>, Timestamp)>> {
        // After a panic elsewhere a token is still one, or refused and asked for again.
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post_once(&self, path: &str, body: &[u8]) -> Result<(u16, Vec<u8>), Cut> {
        let bearer = Secret::new(format!("Bearer {}", self.token()?.reveal()));
        let kind = ("application/json", Some(bearer.reveal().as_str()));
        self.send(path, kind, body)
    }
}

impl Line for Wire {
    fn post(&self, path: &str, body: &[u8]) -> Result<Heard, Cut> {
        let mut heard = self.post_once(path, body)?;
        // The token may have been ended at the other end, as by a restore: once more, with a new one.
        if heard.0 == 401 {
            *self.held() = None;
            heard = self.post_once(path, body)?;
        }
        match heard {
            (401, _) => Err(Cut::Registration),
            (status, body) => Ok(Heard { status, body }),
        }
    }
}

fn cut(why: &ureq::Error) -> Cut {
    match why {
        ureq::Error::Timeout(_) => Cut::Time,
        ureq::Error::HostNotFound => Cut::Name,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => Cut::Tls,
        // A handshake that fails inside the transport comes as an error of input and output.
        ureq::Error::Io(io)
            if io
                .get_ref()
                .is_some_and(|inner| inner.is::<rustls::Error>()) =>
        {
            Cut::Tls
        }
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => Cut::Connection,
        _ => Cut::Form,
    }
}
