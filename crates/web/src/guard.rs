//! What the funnel checks beside rights: the length of an address, how often a caller asks,
//! from where it may come, and whose terminal it sits at.
//!
//! Source: identity-security OA-10, NET-02, NET-03, T17.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use access::token::Peer;
use axum::http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use kernel::Refusal;
use store::caller::Purpose;

use crate::{Body, Method, Request, errors, peer::PeerCertificate, rates::Standing, request};

/// Bytes of a path: the longest of the route table with its identifiers is a quarter of it.
const PATH_BYTES_MAX: usize = 1_024;
/// Bytes of a query: a search with every parameter that there is, and long names.
const QUERY_BYTES_MAX: usize = 4_096;
/// Parameters of a query.
const PARAMETERS_MAX: usize = 50;

/// Is it a page of the administration, which may have an address of its own?
pub(crate) fn is_office(path: &str) -> bool {
    ["/office", "/register"].iter().any(|desk| {
        path.strip_prefix(desk)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// How the request's connection showed itself; an IPv4 address as one.
pub(crate) fn peer(parts: &Parts) -> Peer {
    let certificate = parts.extensions.get::<PeerCertificate>();
    let address = parts.extensions.get::<SocketAddr>();
    Peer {
        certificate: certificate.map(|certificate| certificate.sha256),
        address: address.map(|address| address.ip().to_canonical()),
    }
}

/// Refuses an address that nobody needs so long.
pub(crate) fn check_length(parts: &Parts) -> Result<(), Refusal> {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let parameters = query.split('&').count();
    let (place, found) = if path.len() > PATH_BYTES_MAX {
        ("path", format!("{} bytes", path.len()))
    } else if query.len() > QUERY_BYTES_MAX {
        ("query", format!("{} bytes", query.len()))
    } else if parameters > PARAMETERS_MAX {
        ("query", format!("{parameters} parameters"))
    } else {
        return Ok(());
    };
    Err(Refusal::at(&errors::ADDRESS_TOO_LONG, place, &found))
}

/// Takes one from the caller's bucket. Whoever failed to say who they are counts as nobody.
pub(crate) fn charge(request: &Request) -> Result<Option<Standing>, Refusal> {
    if request.route.purpose == Purpose::Emergency {
        return Ok(None);
    }
    let reads = request.route.method == Method::Get;
    let subject = request.params.values().next().map(String::as_str);
    let sends = !reads || request.route.body != Body::None;
    let rates = &request.app.rates;
    let charged = rates.charge(
        request.caller(),
        subject.filter(|_| reads),
        sends,
        request.at(),
    );
    charged.map_err(|too_fast| {
        if !too_fast.is_recorded {
            request.recorded.store(true, Ordering::Relaxed);
        }
        too_fast.refusal
    })
}

/// Says how the caller stands.
pub(crate) fn tell(standing: Standing, headers: &mut HeaderMap) {
    let all = [
        ("ratelimit-limit", standing.limit),
        ("ratelimit-remaining", standing.remaining),
        ("ratelimit-reset", standing.reset_s),
    ];
    for (name, value) in all {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

/// Notes at which terminal the caller sits: one that the ledger knows, and of their own
/// facility.
pub(crate) async fn place_at_terminal(request: &mut Request) -> Result<(), Refusal> {
    let Some(sha256) = request.peer.certificate else {
        return Ok(());
    };
    let (gate, purpose) = (&request.app.gate, request.route.purpose);
    let found = gate.terminal(sha256, purpose).await;
    let Some(terminal) = found.map_err(request::refusal)? else {
        return Err(Refusal::new(&errors::CERTIFICATE_UNKNOWN));
    };
    let home = request.caller().home();
    if home.is_some_and(|home| home.id != terminal.facility) {
        return Err(Refusal::new(&errors::TERMINAL_ELSEWHERE));
    }
    request.intent.caller.terminal = Some(Arc::from(terminal.id.to_hex()));
    Ok(())
}
