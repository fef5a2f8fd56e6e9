//! The list of services, and how they become one program.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use crate::font;
use access::Gate;
use anyhow::Context;
use kernel::{
    Entry,
    time::{Clock, Timestamp},
};
use signing::{
    path::{CrlStore, RevocationReason},
    testpki::TestPki,
};
use store::Schema;
use tokio::net::TcpListener;
use web::{
    App, Service,
    serve::{Entrance, Side, Stopper, serve},
    tls::Tls,
    trust::Trust,
};

/// Every service, in the order of their error codes.
#[must_use]
pub fn services() -> Vec<Service> {
    vec![
        eligibility::service(),
        subsidy::service(),
        payers::service(),
        records::service(),
        fhir_server::service(),
        chart::service(),
        letters::service(),
        portal::service(),
        oauth::service(),
        equipment::service(),
        equipment::diagnosis::service(),
        accounts::service(),
        register::service(),
        counter::service(),
    ]
}

/// What a clinic's own node serves: its counter, and the office that keeps accounts and
/// equipment. There are no people in it, so nothing else would have anything to answer.
#[must_use]
pub fn node_services() -> Vec<Service> {
    vec![counter::node(), equipment::service(), accounts::service()]
}

/// The storage of everything.
#[must_use]
pub fn schemas() -> Vec<Schema> {
    let mut schemas = vec![masters::schema(), registry::schema(), access::schema()];
    schemas.extend(services().into_iter().filter_map(|service| service.schema));
    schemas
}

/// The storage of everything, the store's own included.
#[must_use]
pub fn all_schemas() -> Vec<Schema> {
    let mut all = vec![store::own_schema()];
    all.extend(schemas());
    all
}

/// The whole error catalogue, in order of codes.
#[must_use]
pub fn catalogue() -> Vec<&'static Entry> {
    let mut all = web::app::catalogue();
    all.extend(profiles::errors::ALL);
    for service in services() {
        all.extend(service.errors);
    }
    all.sort_by_key(|entry| entry.code);
    all
}

/// The system's clock, the only place where the program asks what time it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock that is injected"
        )]
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The demonstration's clock: the system's, moved.
#[derive(Debug, Default)]
pub struct DemoClock {
    ahead_s: AtomicI64,
}

impl DemoClock {
    /// Moves it by so many hours, ahead or back.
    pub fn shift_hours(&self, hours: i64) {
        self.shift_seconds(hours * 3_600);
    }

    /// Moves it by so many seconds.
    pub fn shift_seconds(&self, seconds: i64) {
        self.ahead_s.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Back to the system's time.
    pub fn reset(&self) {
        self.ahead_s.store(0, Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        SystemClock
            .now()
            .plus_seconds(self.ahead_s.load(Ordering::SeqCst))
    }
}

/// Anchors and lists of the test certificate authority.
///
/// # Errors
/// When the test authority cannot sign.
pub fn test_trust(pki: &TestPki, now: Timestamp) -> anyhow::Result<Trust> {
    let anchors = pki.trust_store()?;
    Ok(Trust::new(anchors, test_crls(pki, now)?))
}

/// The revoked card of the sandbox: so that anybody can try what a revoked card does.
pub const REVOKED_CARD: u64 = 999_999_999;

/// The revocation list of the sandbox, which lasts a day.
///
/// # Errors
/// When the test authority cannot sign.
pub fn test_crls(pki: &TestPki, now: Timestamp) -> anyhow::Result<CrlStore> {
    let revoked = pki.revocation_for(
        REVOKED_CARD,
        now.plus_hours(-48),
        RevocationReason::KeyCompromise,
    );
    Ok(pki.crl_store(now, &[revoked])?)
}

/// A program that listens.
pub struct Running {
    /// Its parts.
    pub app: Arc<App>,
    /// Where: `http://127.0.0.1:PORT`.
    pub base: String,
    /// Where the pages of the administration are, when they have an address of their own.
    pub office: Option<String>,
    /// Ends it.
    pub stopper: Stopper,
    /// Ends with it.
    pub server: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// How the program is reached, beside its address.
#[derive(Default)]
pub struct Ways {
    /// By TLS; `None`: plainly.
    pub tls: Option<Arc<Tls>>,
    /// The origin that browsers and cards see; `None`: the address itself.
    pub origin: Option<String>,
    /// An address of its own for the pages of the administration.
    pub office: Option<SocketAddr>,
    /// The platform, when this is a clinic's own node.
    pub upstream: Option<counter::Upstream>,
    /// The font of printed documents; `None`: the first that is installed.
    pub font: Option<paper::Face>,
}

/// Puts the program together and listens, plainly.
///
/// # Errors
/// As [`listen_by`].
pub async fn listen(
    gate: Gate,
    trust: Trust,
    address: SocketAddr,
    banner: Option<&'static str>,
) -> anyhow::Result<Running> {
    listen_by(gate, trust, address, banner, Ways::default()).await
}

/// Puts the program together and listens.
///
/// # Errors
/// When an address cannot be listened on.
pub async fn listen_by(
    gate: Gate,
    trust: Trust,
    address: SocketAddr,
    banner: Option<&'static str>,
    ways: Ways,
) -> anyhow::Result<Running> {
    let listener = bind(address).await?;
    let office = match ways.office {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let scheme = if ways.tls.is_some() { "https" } else { "http" };
    let base = format!("{scheme}://{}", listener.local_addr()?);
    let office_base = office
        .as_ref()
        .map(|office| Ok::<_, std::io::Error>(format!("{scheme}://{}", office.local_addr()?)))
        .transpose()?;
    let origin = ways.origin.unwrap_or_else(|| base.clone());
    let served = match &ways.upstream {
        Some(_) => node_services(),
        None => services(),
    };
    let app = App::new(gate, trust, origin, banner, served);
    if let Some(upstream) = ways.upstream {
        app.tell(upstream);
    } else if let Some(font) = ways.font.or_else(font::installed) {
        app.tell(font);
    } else {
        tracing::warn!("no font with Japanese signs: documents cannot be made into PDFs");
    }
    let stopper = Stopper::default();
    let router = web::router(&app);
    let entrance = |side| Entrance {
        tls: ways.tls.clone(),
        app: Some(Arc::clone(&app)),
        side,
    };
    let server = match office {
        None => tokio::spawn(serve(
            listener,
            router,
            stopper.clone(),
            entrance(Side::Any),
        )),
        Some(office) => {
            let public = serve(
                listener,
                router.clone(),
                stopper.clone(),
                entrance(Side::Public),
            );
            let office = serve(office, router, stopper.clone(), entrance(Side::Any));
            tokio::spawn(async { tokio::try_join!(public, office).map(|_| ()) })
        }
    };
    Ok(Running {
        app,
        base,
        office: office_base,
        stopper,
        server,
    })
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; is another program there?"))
}
