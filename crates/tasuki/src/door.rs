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
use kernel::Secret;
use web::tls::{self, Identity, Tls};

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

    /// The ways in, with the certificates read.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub fn ways(&self) -> anyhow::Result<Ways> {
        let tls = match self.read()? {
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
        })
    }

    /// Reads the certificates again; what cannot be used leaves the old ones in force.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub fn renew(&self, tls: &Tls) -> anyhow::Result<()> {
        if let Some((identity, roots)) = self.read()? {
            tls.renew(&identity, &roots)?;
        }
        Ok(())
    }

    fn read(&self) -> anyhow::Result<Option<(Identity, Vec<tls::Root>)>> {
        let (Some(chain), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let identity = Identity {
            chain: read(chain)?,
            key: Secret::new(read(key)?),
        };
        let roots = match &self.client_ca {
            Some(file) => tls::certificates(&read(file)?)
                .with_context(|| format!("{} cannot be used", file.display()))?,
            None => Vec::new(),
        };
        Ok(Some((identity, roots)))
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}
