//! The operator says to which addresses a facility's notifications may go: the server sends to
//! no other.
//!
//! Source: identity-security T20 (no request to an address that somebody gave).

use access::Gate;
use anyhow::{bail, ensure};
use fhir_server::subscriptions::{model::is_safe, ops};
use serde::{Deserialize, Serialize};
use store::caller::Event;

use crate::control::{Tell, clients::facility, refused};

static ALLOW: Event = Event {
    code: "fhir.endpoint-allow",
    ja: "通知先の許可",
    en: "endpoint of notifications allowed",
};
static DENY: Event = Event {
    code: "fhir.endpoint-deny",
    ja: "通知先の許可の取り消し",
    en: "endpoint of notifications no longer allowed",
};

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// Allow an address.
    Allow {
        /// The facility's code or identifier.
        facility: String,
        /// The address, to the letter as subscriptions name it.
        url: String,
        /// The roots (PEM) of its certificate; empty for an address on this machine.
        roots: String,
    },
    /// Allow it no longer; what is sent there is paused.
    Deny {
        /// The facility's code or identifier.
        facility: String,
        /// The address.
        url: String,
    },
    /// Which are allowed?
    List {
        /// The facility's code or identifier.
        facility: String,
    },
}

/// Carries it out.
///
/// # Errors
/// Why it could not be done.
pub fn perform(gate: &Gate, asked: &Asked, tell: Tell<'_>) -> anyhow::Result<()> {
    match asked {
        Asked::Allow {
            facility: of,
            url,
            roots,
        } => {
            ensure!(
                is_safe(url),
                "通知先は https:// で始まるアドレスです(http:// はこの機器の127.0.0.1だけ) / an endpoint begins with https:// (http:// for 127.0.0.1 only)"
            );
            ensure!(
                !url.starts_with("https://") || roots.contains("-----BEGIN CERTIFICATE-----"),
                "https:// の通知先には --ca(認証局の証明書、PEM)が必要です / an https:// endpoint needs --ca, its roots (PEM)"
            );
            let (id, url, roots) = (facility(gate, of)?, url.clone(), roots.clone());
            let intent = gate.job_intent("operator", &ALLOW);
            let allowed = gate.write(intent, move |call| ops::allow(call, id, &url, &roots));
            allowed.wait().map_err(refused)
        }
        Asked::Deny { facility: of, url } => {
            let (id, url) = (facility(gate, of)?, url.clone());
            let intent = gate.job_intent("operator", &DENY);
            let denied = gate.write(intent, move |call| ops::deny(call, id, &url));
            if !denied.wait().map_err(refused)? {
                bail!("この通知先は許可されていません / this endpoint was not allowed");
            }
            Ok(())
        }
        Asked::List { facility: of } => {
            let id = facility(gate, of)?;
            let found = gate.look_up(move |call| Ok(ops::endpoints(call, id)?));
            let found = found.wait().map_err(refused)?;
            if found.is_empty() {
                tell("許可した通知先はありません。", "no endpoint is allowed");
            }
            for one in found {
                let line = format!("{} {}", one.allowed_at, one.url);
                tell(&line, &line);
            }
            Ok(())
        }
    }
}
