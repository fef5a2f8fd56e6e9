//! Requests to the world's router, as whoever sends them.

use std::{net::SocketAddr, sync::PoisonError};

use access::{session, token::Peer};
use axum::{
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use web::peer::PeerCertificate;

use super::{As, Reply, World, fail};

impl World {
    /// From here on requests come by a connection that showed this certificate.
    pub fn show(&self, peer: Option<PeerCertificate>) {
        *self.peer.lock().unwrap_or_else(PoisonError::into_inner) = peer;
    }

    /// Sends a GET.
    #[must_use]
    pub fn get(&self, who: &As, path: &str) -> Reply {
        self.send(who, "GET", path, "", Vec::new())
    }

    /// Sends JSON.
    #[must_use]
    pub fn post(&self, who: &As, path: &str, body: &Value) -> Reply {
        let bytes = serde_json::to_vec(body).unwrap_or_default();
        self.send(who, "POST", path, "application/json", bytes)
    }

    /// Sends a FHIR document.
    #[must_use]
    pub fn post_fhir(&self, who: &As, path: &str, body: &[u8]) -> Reply {
        self.send(who, "POST", path, "application/fhir+json", body.to_vec())
    }

    /// Sends a form, with the form token of the session.
    #[must_use]
    pub fn submit(&self, who: &As, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        let token = match who {
            As::Browser(token) => session::form_token(token),
            _ => String::new(),
        };
        all.push(("csrf", &token));
        let body: Vec<String> = all
            .iter()
            .map(|(k, v)| format!("{k}={}", percent(v)))
            .collect();
        let kind = "application/x-www-form-urlencoded";
        self.send(who, "POST", path, kind, body.join("&").into_bytes())
    }

    /// Sends a form with files in it (field, name, bytes), with the form token of the session.
    #[must_use]
    pub fn submit_files(
        &self,
        who: &As,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Reply {
        let mut body = Vec::new();
        let mut part = |head: &str, bytes: &[u8]| {
            body.extend_from_slice(b"--part\r\ncontent-disposition: form-data; ");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        };
        if let As::Browser(token) = who {
            part("name=\"csrf\"", session::form_token(token).as_bytes());
        }
        for (name, value) in fields {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, file, bytes) in files {
            part(&format!("name=\"{name}\"; filename=\"{file}\""), bytes);
        }
        body.extend_from_slice(b"--part--\r\n");
        self.send(
            who,
            "POST",
            path,
            "multipart/form-data; boundary=part",
            body,
        )
    }

    /// Sends anything.
    ///
    /// # Panics
    /// When the request cannot be built.
    #[must_use]
    pub fn send(&self, who: &As, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Reply {
        let kind = [("content-type", kind)];
        let headers = kind.iter().filter(|(_, kind)| !kind.is_empty());
        self.send_with(who, method, path, headers, body)
    }

    /// Sends anything with these headers, whatever octets they hold.
    ///
    /// # Panics
    /// When the request cannot be built.
    #[must_use]
    pub fn send_with<'h>(
        &self,
        who: &As,
        method: &str,
        path: &str,
        headers: impl IntoIterator<Item = &'h (&'h str, &'h str)>,
        body: Vec<u8>,
    ) -> Reply {
        self.send_from(Peer::default(), who, method, path, headers, body)
    }

    /// The same from a peer that shows a certificate, or has an address.
    ///
    /// # Panics
    /// When the request cannot be built.
    #[must_use]
    pub fn send_from<'h>(
        &self,
        peer: Peer,
        who: &As,
        method: &str,
        path: &str,
        headers: impl IntoIterator<Item = &'h (&'h str, &'h str)>,
        body: Vec<u8>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(sha256) = peer.certificate {
            request = request.extension(PeerCertificate { sha256 });
        }
        if let Some(address) = peer.address {
            request = request.extension(SocketAddr::new(address, 40_000));
        }
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let peer = *self.peer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(peer) = peer {
            request = request.extension(peer);
        }
        request = match who {
            As::Nobody => request,
            As::System(token) => {
                let token = self.token_now(token);
                request.header(header::AUTHORIZATION, format!("Bearer {token}"))
            }
            As::Browser(token) => request.header(header::COOKIE, format!("tasuki_session={token}")),
        };
        let request = request
            .body(Body::from(body))
            .unwrap_or_else(|e| fail(&e.to_string()));
        self.runtime.block_on(async {
            let response = match self.router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map(|b| b.to_bytes().to_vec());
            Reply {
                status: parts.status.as_u16(),
                headers: parts
                    .headers
                    .iter()
                    .map(|(k, v)| {
                        let value = String::from_utf8_lossy(v.as_bytes()).into_owned();
                        (k.as_str().to_owned(), value)
                    })
                    .collect(),
                body: body.unwrap_or_default(),
            }
        })
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
