//! From where a card is shown without its PIN.
//!
//! "We compared the face" is worth as much as the terminal that says so. It is believed of a
//! terminal in the facility's own ledger (機器の台帳), which shows itself in one of two ways:
//!
//! * by the client certificate of its connection (mutual TLS), or
//! * where there is none (a sandbox on plain HTTP, a card terminal behind the facility's
//!   record system): by its signature over the same challenge that the card signs, with the
//!   key of the certificate that the ledger knows. So the challenge is answered by card and
//!   terminal together, and neither answer is worth anything for another.
//!
//! Source: identity-security 1.5 (`face` and `staff_visual` from a registered terminal only),
//! NET-02.

use access::{challenge, terminal};
use kernel::id::{ChallengeId, FacilityId};
use store::{Call, Stop, audit::sha256};

use super::errors;

/// The ledger of those machines at which people stand; a server compares no faces.
///
/// Source: `equipment`, ledger of terminals (端末).
const TERMINAL: &str = "terminal";

/// How a request shows from where it comes.
#[derive(Clone, Default)]
pub struct Place {
    /// SHA-256 of the certificate that the connection showed.
    pub connection: Option<[u8; 32]>,
    /// What the terminal signed itself.
    pub signed: Option<TerminalSignature>,
}

/// A terminal's own answer to a card's challenge.
#[derive(Clone)]
pub struct TerminalSignature {
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Its signature over the challenge's text.
    pub signature: Vec<u8>,
}

impl Place {
    /// Lets through what comes from a terminal of the facility's ledger.
    ///
    /// # Errors
    /// `TSK-PHN-011` when no terminal of the ledger shows itself, `TSK-PHN-012` when what it
    /// shows is not good; `CHALLENGE_*` of `access`; the store's.
    pub fn require(
        &self,
        call: &mut Call<'_>,
        facility: FacilityId,
        id: ChallengeId,
        origin: &str,
    ) -> Result<(), Stop> {
        let sha256 = match (&self.signed, self.connection) {
            (Some(signed), _) => {
                let text = challenge::text_of(call, id, origin)?;
                let is_good = signing::challenge::is_signed_by_terminal(
                    &signed.certificate,
                    text.as_bytes(),
                    &signed.signature,
                );
                if !is_good {
                    return Err(Stop::from(&errors::TERMINAL_SIGNATURE));
                }
                sha256(&[&signed.certificate])
            }
            (None, Some(shown)) => shown,
            (None, None) => return Err(Stop::from(&errors::TERMINAL_UNREGISTERED)),
        };
        let found = terminal::find(call, &sha256)?.filter(|terminal| {
            terminal.facility == facility && terminal.kind == TERMINAL && terminal.holds(call.at())
        });
        let Some(found) = found else {
            return Err(Stop::from(&errors::TERMINAL_UNREGISTERED));
        };
        call.detail("terminal", found.id.to_hex());
        Ok(())
    }
}
