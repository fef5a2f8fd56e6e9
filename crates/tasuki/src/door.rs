//! How the outside reaches `tasuki serve`: TLS, plain loopback for trying out, an address of
//! its own for the administration.
//!
//! Source: identity-security NET-01, NET-02, NET-03; checklist 2-⑬.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use kernel::{
    Secret,
    time::{JstDate, Timestamp},
};
use web::tls::{self, Identity, Tls};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::program::{SystemClock, Ways};

/// How the outside comes in.
#[derive(Args)]
pub struct Door {
    /// The server's certificate, then those between it and its root (PEM). Read again every
    /// hour and at SIGHUP.
    #[arg(long, requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM).
    #[arg(long, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Roots of terminals' and systems' certificates (PEM).
    #[arg(long, requires = "tls_cert")]
    pub client_ca: Option<PathBuf>,
    /// The origin that browsers see: https://HOST.
    #[arg(long)]
    pub origin: Option<String>,
    /// An address of its own for the pages below /office, which are then nowhere else.
    #[arg(long)]
    pub office_listen: Option<SocketAddr>,
    /// Try it out: without TLS, on loopback only; never with real people.
    #[arg(long)]
    pub sandbox: bool,
    /// Allow every caller so many times the usual rates.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rates_times: u32,
}

impl Door {
    /// Refuses what would let real data travel plainly.
    ///
    /// # Errors
    /// One line with the remedy, in both languages.
    pub fn check(&self, listen: SocketAddr, is_sandbox: bool) -> anyhow::Result<()> {
        if let Some(origin) = &self.origin {
            let scheme = if self.tls_cert.is_some() {
                "https://"
            } else {
                "http://"
            };
            let host = origin.strip_prefix(scheme).unwrap_or_default();
            ensure!(
                !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']),
                "--origin は {scheme}ホスト名 の形で指定してください / give --origin as {scheme}HOST"
            );
        }
        if self.tls_cert.is_some() {
            return Ok(());
        }
        for address in [Some(listen), self.office_listen].into_iter().flatten() {
            ensure!(
                address.ip().is_loopback(),
                "TLSなしでは {address} で待ち受けできません。--tls-cert と --tls-key を指定してください / without TLS the program does not listen on {address}: give --tls-cert and --tls-key"
            );
        }
        if !is_sandbox {
            bail!(
                "TLSなしで動かせるのは試用のときだけです。--tls-cert と --tls-key、または --sandbox を指定してください / plain HTTP is for trying out only: give --tls-cert and --tls-key, or --sandbox"
            );
        }
        Ok(())
    }

    /// The ways in, with the certificates read. `own_root` is the installation's own authority,
    /// whose certificates are taken beside those of `--client-ca`.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub fn ways(&self, own_root: Option<&[u8]>) -> anyhow::Result<Ways> {
        let tls = match self.read(own_root)? {
            Some((identity, roots)) => Some(Arc::new(Tls::new(
                &identity,
                &roots,
                Arc::new(SystemClock),
            )?)),
            None => None,
        };
        Ok(Ways {
            tls,
            origin: self.origin.clone(),
            office: self.office_listen,
            upstream: None,
            font: None,
        })
    }

    /// Reads the certificates again; what cannot be used leaves the old ones in force.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub fn renew(&self, tls: &Tls, own_root: Option<&[u8]>) -> anyhow::Result<()> {
        if let Some((identity, roots)) = self.read(own_root)? {
            tls.renew(&identity, &roots)?;
        }
        Ok(())
    }

    /// The last day of the server's certificate; `None` without TLS.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub fn certificate_ends_on(&self) -> anyhow::Result<Option<JstDate>> {
        let Some(file) = &self.tls_cert else {
            return Ok(None);
        };
        let unfit = || format!("{} cannot be used", file.display());
        let chain = tls::certificates(&read(file)?).with_context(unfit)?;
        let first = chain.first().with_context(unfit)?;
        let (_, certificate) = X509Certificate::from_der(first).with_context(unfit)?;
        let seconds = certificate.validity().not_after.timestamp();
        Ok(Some(
            Timestamp::from_micros(seconds.saturating_mul(1_000_000)).jst_date(),
        ))
    }

    fn read(&self, own_root: Option<&[u8]>) -> anyhow::Result<Option<(Identity, Vec<tls::Root>)>> {
        let (Some(chain), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let identity = Identity {
            chain: read(chain)?,
            key: Secret::new(read(key)?),
        };
        let mut roots = match &self.client_ca {
            Some(file) => tls::certificates(&read(file)?)
                .with_context(|| format!("{} cannot be used", file.display()))?,
            None => Vec::new(),
        };
        roots.extend(own_root.map(|der| tls::Root::from(der.to_vec())));
        Ok(Some((identity, roots)))
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}
