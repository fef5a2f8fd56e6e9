//! TLS 1.3, with certificates on both sides.
//!
//! A client's certificate is asked for and need not be shown: patients' browsers have none.
//! One that is shown must be of the installation's own authority, or the connection ends.
//! There is no resumption: every connection verifies its certificate anew, so that none
//! outlives the certificate it began with.
//!
//! Source: identity-security NET-01, NET-02; RFC 8446; IPA "TLS 暗号設定ガイドライン" 高セキュリティ型.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use kernel::{Secret, time::Clock};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject as _},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    time_provider::TimeProvider,
};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// A root of client certificates (DER).
pub type Root = CertificateDer<'static>;

/// A server's certificate and key, as PEM.
pub struct Identity {
    /// The certificate, then those between it and its root.
    pub chain: Vec<u8>,
    /// The key (PKCS#8, PKCS#1 or SEC1).
    pub key: Secret<Vec<u8>>,
}

/// Why a certificate, a key or a root cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// No certificate in the file, or a broken one.
    #[error("the certificate file holds no usable certificate (PEM)")]
    Chain,
    /// No key in the file, or a broken one.
    #[error("the key file holds no usable private key (PEM)")]
    Key,
    /// The certificate is of another key, or of a kind that TLS 1.3 does not know.
    #[error("certificate and key do not fit each other: {0}")]
    Pair(rustls::Error),
    /// A root that cannot be read.
    #[error("a root of client certificates cannot be used")]
    Root,
    /// The library lacks what it should have.
    #[error("TLS 1.3 cannot be set up: {0}")]
    Library(rustls::Error),
}

/// The server's side of TLS, which may be renewed while it serves.
pub struct Tls {
    clock: Arc<dyn Clock>,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// With an identity, and the roots whose client certificates are believed.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn new(
        identity: &Identity,
        roots: &[Root],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TlsError> {
        let config = RwLock::new(Arc::new(config(identity, roots, &clock)?));
        Ok(Self { clock, config })
    }

    /// From the next connection on, another identity and other roots. When they cannot be
    /// used, the old ones stay in force.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn renew(&self, identity: &Identity, roots: &[Root]) -> Result<(), TlsError> {
        let config = Arc::new(config(identity, roots, &self.clock)?);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&config))
    }
}

/// The certificates of a PEM file.
///
/// # Errors
/// [`TlsError::Chain`] when there is none, or a broken one.
pub fn certificates(pem: &[u8]) -> Result<Vec<Root>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    all.ok()
        .filter(|all| !all.is_empty())
        .ok_or(TlsError::Chain)
}

/// Did the other side's certificate end the handshake? A server verifies nothing else.
pub(crate) fn is_of_certificate(error: &std::io::Error) -> bool {
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some_and(|error| matches!(error, rustls::Error::InvalidCertificate(_)))
}

/// The program's clock, as rustls asks for it.
struct Time(Arc<dyn Clock>);

impl std::fmt::Debug for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Time")
    }
}

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let micros = u64::try_from(self.0.now().micros()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_micros(micros)))
    }
}

fn config(
    identity: &Identity,
    roots: &[Root],
    clock: &Arc<dyn Clock>,
) -> Result<ServerConfig, TlsError> {
    let chain = certificates(&identity.chain)?;
    let key = PrivateKeyDer::from_pem_slice(identity.key.reveal()).map_err(|_| TlsError::Key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let time = Arc::new(Time(Arc::clone(clock)));
    let builder = ServerConfig::builder_with_details(Arc::clone(&provider), time)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Library)?;
    let builder = if roots.is_empty() {
        builder.with_no_client_auth()
    } else {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.clone()).map_err(|_| TlsError::Root)?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider)
            .allow_unauthenticated()
            .build()
            .map_err(|_| TlsError::Root)?;
        builder.with_client_cert_verifier(verifier)
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}
