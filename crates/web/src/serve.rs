//! Sockets: limits on headers and time, a reserve of connections for emergencies, and an
//! orderly way out.
//!
//! A server leaves in two steps. While it *drains*, it goes on accepting, and each answer
//! asks its connection to close, so that balancers and clients go elsewhere by themselves.
//! When it *stops*, whoever has already knocked is let in, no one else; what is in hand is
//! finished, connections at rest are closed.
//!
//! Requests that break these limits never reach the funnel: hyper answers 431 (headers), 414
//! (a request line beyond 64 KiB) or 400 (no HTTP) by itself, without a body.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper::{
    body::Incoming,
    header::{CONNECTION, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};
use tower::ServiceExt;

use crate::{
    App,
    peer::{PeerCertificate, Showed},
    tls::{self, Tls},
};

/// Bytes of a request's line and headers together. Their number is limited to 100 by hyper.
const HEADER_BYTES_MAX: usize = 32 << 10;
/// Seconds for a TLS handshake, and then for a request's headers.
const HEADER_SECONDS_MAX: u64 = 10;
const CONNECTIONS_MAX: usize = 4_096;
/// Connections beyond those above: one request each, and only an emergency is taken on.
const RESERVE_MAX: usize = 512;
const RESERVE_HEADER_SECONDS_MAX: u64 = 2;
/// Seconds that work in hand has when the server stops.
const STOP_SECONDS_MAX: u64 = 20;
/// Seconds for which a connection that has sent nothing yet may still bring its request.
const FIRST_SECONDS_MAX: u64 = 1;

/// On a request that came by a connection of the reserve.
#[derive(Clone, Copy, Debug)]
pub struct Crowded;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    Draining,
    Stopped,
}

/// Tells a server to leave.
#[derive(Clone)]
pub struct Stopper(Arc<watch::Sender<Phase>>);

impl Default for Stopper {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Open)))
    }
}

impl Stopper {
    /// Goes on accepting; each answer asks its connection to close.
    pub fn drain(&self) {
        self.go_to(Phase::Draining);
    }

    /// Takes no new connection, finishes what is in hand.
    pub fn stop(&self) {
        self.go_to(Phase::Stopped);
    }

    fn go_to(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let is_later = *now < phase;
            if is_later {
                *now = phase;
            }
            is_later
        });
    }
}

/// Which of the program's addresses a request came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The only one there is, or that of the administration.
    #[default]
    Any,
    /// The one for everybody, beside one for the administration: nothing below `/office` is
    /// there.
    Public,
}

/// How connections are taken.
#[derive(Clone, Default)]
pub struct Entrance {
    /// By TLS; `None`: plainly.
    pub tls: Option<Arc<Tls>>,
    /// Who notes the peers that were seen.
    pub app: Option<Arc<App>>,
    /// For whom.
    pub side: Side,
}

impl Entrance {
    fn note(&self, peer: SocketAddr, showed: Showed) {
        if let Some(app) = &self.app {
            let address = peer.ip().to_canonical();
            app.seen.note(address, showed, app.gate.now());
        }
    }
}

/// Serves until told to stop.
///
/// # Errors
/// What the listener says; a single connection's trouble ends that connection alone.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stopper: Stopper,
    entrance: Entrance,
) -> io::Result<()> {
    let mut door = Door {
        router,
        entrance: Arc::new(entrance),
        places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        reserve: Arc::new(Semaphore::new(RESERVE_MAX)),
        phase: stopper.0.subscribe(),
        connections: JoinSet::new(),
    };
    let mut phase = stopper.0.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = phase.wait_for(|phase| *phase == Phase::Stopped) => break,
        };
        match accepted {
            Ok((stream, peer)) => door.let_in(stream, peer),
            // Out of file handles or a peer that left: the next connection may do better.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    door.let_in_who_knocked(listener)?;
    let finished = tokio::time::timeout(Duration::from_secs(STOP_SECONDS_MAX), async {
        while door.connections.join_next().await.is_some() {}
    });
    if finished.await.is_err() {
        let left = door.connections.len();
        tracing::warn!(left, "some connections did not end in time and were cut");
    }
    Ok(())
}

struct Door {
    router: Router,
    entrance: Arc<Entrance>,
    places: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    phase: watch::Receiver<Phase>,
    connections: JoinSet<()>,
}

impl Door {
    fn let_in(&mut self, stream: TcpStream, peer: SocketAddr) {
        while self.connections.try_join_next().is_some() {}
        let (place, is_crowded) = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => (place, false),
            Err(_) => match Arc::clone(&self.reserve).try_acquire_owned() {
                Ok(place) => (place, true),
                Err(_) => return,
            },
        };
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let guest = Guest {
            router: self.router.clone(),
            entrance: Arc::clone(&self.entrance),
            phase: self.phase.clone(),
            peer,
            certificate: None,
            is_crowded,
            began: AtomicBool::new(false),
        };
        self.connections.spawn(welcome(stream, guest, place));
    }

    /// The system has accepted them already: to close the listener would cut them off.
    fn let_in_who_knocked(&mut self, listener: TcpListener) -> io::Result<()> {
        let listener = listener.into_std()?;
        // Bounded by the listener's backlog.
        for _ in 0..CONNECTIONS_MAX {
            let Ok((stream, peer)) = listener.accept() else {
                break;
            };
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                self.let_in(stream, peer);
            }
        }
        Ok(())
    }
}

/// Whoever is at the other end of a connection.
struct Guest {
    router: Router,
    entrance: Arc<Entrance>,
    phase: watch::Receiver<Phase>,
    peer: SocketAddr,
    certificate: Option<PeerCertificate>,
    is_crowded: bool,
    /// Has a request come?
    began: AtomicBool,
}

impl Guest {
    /// How long it may take to say what it wants.
    const fn patience(&self) -> Duration {
        Duration::from_secs(if self.is_crowded {
            RESERVE_HEADER_SECONDS_MAX
        } else {
            HEADER_SECONDS_MAX
        })
    }
}

/// Shakes hands, where there is TLS, and hears what the guest wants.
async fn welcome(stream: TcpStream, mut guest: Guest, place: OwnedSemaphorePermit) {
    let entrance = Arc::clone(&guest.entrance);
    let Some(tls) = &entrance.tls else {
        entrance.note(guest.peer, Showed::Nothing);
        return converse(stream, guest, place).await;
    };
    let shaken = tokio::time::timeout(guest.patience(), tls.acceptor().accept(stream)).await;
    match shaken {
        Ok(Ok(stream)) => {
            let chain = stream.get_ref().1.peer_certificates();
            guest.certificate = chain
                .and_then(<[_]>::first)
                .map(|certificate| PeerCertificate::of(certificate));
            let showed = guest
                .certificate
                .map_or(Showed::Nothing, Showed::Certificate);
            entrance.note(guest.peer, showed);
            converse(stream, guest, place).await;
        }
        Ok(Err(error)) => {
            if tls::is_of_certificate(&error) {
                entrance.note(guest.peer, Showed::Refused);
            }
            tracing::debug!(%error, "a handshake failed");
        }
        Err(_) => tracing::debug!("a handshake took too long"),
    }
}

async fn converse<S>(stream: S, guest: Guest, place: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let guest = &guest;
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(guest.patience())
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(|request| answer(guest, request)),
        );
    tokio::pin!(connection);
    let mut phase = guest.phase.clone();
    let stopped = async {
        // An error means that the stopper is gone: then nobody stops the server in order.
        if phase
            .wait_for(|phase| *phase == Phase::Stopped)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
        if !guest.began.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(FIRST_SECONDS_MAX)).await;
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(place);
}

async fn answer(
    guest: &Guest,
    request: hyper::Request<Incoming>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    guest.began.store(true, Ordering::SeqCst);
    let mut request: Request = request.map(axum::body::Body::new);
    let extensions = request.extensions_mut();
    extensions.insert(guest.peer);
    extensions.insert(guest.entrance.side);
    if let Some(certificate) = guest.certificate {
        extensions.insert(certificate);
    }
    if guest.is_crowded {
        request.extensions_mut().insert(Crowded);
    }
    let mut response = guest.router.clone().oneshot(request).await?;
    if guest.is_crowded || *guest.phase.borrow() != Phase::Open {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    Ok(response)
}
