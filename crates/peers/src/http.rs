//! A small HTTP/1.1 client: keep-alive, no redirects of its own accord, bounded answers.
//!
//! Redirects are the peer's to look at: where a log-in leads is part of what is checked.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Seconds for which an answer is awaited.
pub const SECONDS_MAX: u64 = 30;
/// Most bytes of an answer's body.
pub const BODY_BYTES_MAX: usize = 64 << 20;
/// Most connections that are kept for the next request.
const IDLE_MAX: usize = 64;

type Sender = SendRequest<Full<Bytes>>;

/// One server, and the connections kept to it. It may be shared: requests that overlap get
/// a connection each.
#[derive(Debug)]
pub struct Http {
    authority: String,
    idle: Mutex<Vec<Sender>>,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// `GET`, `POST`, `DELETE`.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Headers beside `Host` and `Content-Length`.
    pub headers: &'a [(&'a str, &'a str)],
    /// Body; empty for none.
    pub body: &'a [u8],
}

impl Http {
    /// A server by its base address, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When the address is not of that form.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let authority = authority(base)?;
        Ok(Self {
            authority: authority.to_owned(),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// The origin, as a browser would name it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Asks and reads the whole answer.
    ///
    /// # Errors
    /// When the server cannot be reached, breaks off, takes longer than [`SECONDS_MAX`] or
    /// answers more than [`BODY_BYTES_MAX`]. A refusal is an answer, not an error.
    pub async fn send(&self, ask: &Ask<'_>) -> anyhow::Result<Reply> {
        let limit = Duration::from_secs(SECONDS_MAX);
        tokio::time::timeout(limit, self.exchange(ask))
            .await
            .map_err(|_| anyhow!("no answer within {SECONDS_MAX} seconds"))?
            .with_context(|| format!("{} {}", ask.method, ask.path))
    }

    async fn exchange(&self, ask: &Ask<'_>) -> anyhow::Result<Reply> {
        let mut request = self.request(ask)?;
        // A kept connection may have been closed by the server meanwhile: then the request
        // comes back unsent and goes out on a new one.
        while let Some(mut sender) = self.take() {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return self.finish(sender, response).await,
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(failed.into_error().into()),
                },
            }
        }
        let mut sender = self.connect().await?;
        let response = sender.send_request(request).await?;
        self.finish(sender, response).await
    }

    fn request(&self, ask: &Ask<'_>) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut builder = Request::builder()
            .method(ask.method)
            .uri(ask.path)
            .header("host", &self.authority);
        for (name, value) in ask.headers {
            builder = builder.header(*name, *value);
        }
        Ok(builder.body(Full::new(Bytes::copy_from_slice(ask.body)))?)
    }

    fn take(&self) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    async fn connect(&self) -> anyhow::Result<Sender> {
        let stream = TcpStream::connect(&self.authority)
            .await
            .with_context(|| format!("{} cannot be reached", self.authority))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends when the sender is dropped or the server closes; either is seen by the
        // next request.
        tokio::spawn(async move { connection.await.is_ok() });
        Ok(sender)
    }

    async fn finish(&self, sender: Sender, response: Response<Incoming>) -> anyhow::Result<Reply> {
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, BODY_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| anyhow!("the answer broke off: {error}"))?
            .to_bytes();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(sender);
        }
        let headers = parts
            .headers
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect();
        Ok(Reply {
            status: parts.status.as_u16(),
            headers,
            body: body.to_vec(),
        })
    }
}

/// `host:port` of a base address.
fn authority(base: &str) -> anyhow::Result<&str> {
    let rest = base
        .strip_prefix("http://")
        .with_context(|| format!("{base} does not begin with http://"))?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let fits = !authority.is_empty()
        && !authority.contains(|c: char| c == '/' || c == '@' || c.is_whitespace());
    if !fits {
        bail!("{base} is not a base address");
    }
    Ok(authority)
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of a name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Where the answer leads.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `Null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A text member of the JSON body, by its JSON pointer such as `/findings/0/path`.
    #[must_use]
    pub fn word(&self, pointer: &str) -> Option<String> {
        let json = self.json();
        json.pointer(pointer)?.as_str().map(str::to_owned)
    }

    /// The catalogue code of a refusal, out of our JSON or a FHIR `OperationOutcome`.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        self.word("/code")
            .or_else(|| self.word("/issue/0/details/coding/0/code"))
    }

    /// The answer itself when it has this status.
    ///
    /// # Errors
    /// With status and catalogue code, when it has another.
    pub fn expect(self, status: u16) -> anyhow::Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let code = self.code().unwrap_or_else(|| "no code".to_owned());
        bail!(
            "answered {} ({code}) where {status} was expected",
            self.status
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_address_is_scheme_host_and_port_only() {
        assert_eq!(
            authority("http://127.0.0.1:80/").expect("ok"),
            "127.0.0.1:80"
        );
        for bad in [
            "https://x",
            "127.0.0.1:80",
            "http://",
            "http://x/y",
            "http://u@x",
        ] {
            assert!(authority(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refusal_gives_its_code_in_either_form() {
        let reply = |body: &str| Reply {
            status: 422,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let ours = reply(r#"{"code":"TSK-ELG-001"}"#);
        assert_eq!(ours.code().as_deref(), Some("TSK-ELG-001"));
        let fhir = reply(
            r#"{"resourceType":"OperationOutcome","issue":[{"details":{"coding":[{"code":"TSK-REC-001"}]}}]}"#,
        );
        assert_eq!(fhir.code().as_deref(), Some("TSK-REC-001"));
        let error = fhir.expect(201).expect_err("another status").to_string();
        assert!(
            error.contains("422") && error.contains("TSK-REC-001"),
            "{error}"
        );
    }
}
