//! Sockets: limits on headers and time, orderly stop.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use tower::ServiceExt;

const HEADER_BYTES_MAX: usize = 32 << 10;
const HEADER_SECONDS_MAX: u64 = 10;
const CONNECTIONS_MAX: usize = 4_096;
const STOP_SECONDS_MAX: u64 = 10;

/// Tells a server to stop.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Notify>);

impl Stopper {
    /// Takes no new connection, finishes what is in hand.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

/// Serves until told to stop.
///
/// # Errors
/// What the listener says; a single connection's trouble ends that connection alone.
pub async fn serve(listener: TcpListener, router: Router, stopper: Stopper) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let closing = Arc::new(tokio::sync::watch::Sender::new(false));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopper.0.notified() => break,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, peer)) = accepted else {
            // Out of file handles or a peer that left: the next connection may do better.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let (router, mut closing) = (router.clone(), closing.subscribe());
        connections.spawn(async move {
            let service = service_fn(move |request| answer(router.clone(), request, peer));
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(HEADER_SECONDS_MAX))
                .max_buf_size(HEADER_BYTES_MAX)
                .serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                _ = closing.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    closing.send_replace(true);
    let finished = tokio::time::timeout(Duration::from_secs(STOP_SECONDS_MAX), async {
        while connections.join_next().await.is_some() {}
    });
    if finished.await.is_err() {
        tracing::warn!("some connections did not end in time and were cut");
    }
    Ok(())
}

async fn answer(
    router: Router,
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let mut request: Request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(peer);
    router.oneshot(request).await
}
