//! For whom a client's token acts, and whose terminal a certificate is.

use kernel::Secret;
use store::{
    Call, Stop,
    caller::{Actor, Caller, Purpose},
};

use super::{
    Gate, home,
    memory::{Holder, MEMORY_MAX},
    sessions::actor,
};
use crate::{
    client, errors,
    session::{Origin, Stage, Stored},
    terminal::{self, Terminal},
    token::{self, Peer},
};

/// Seconds for which a client's token is believed without asking the store again.
const CLIENT_MEMORY_SECONDS: i64 = 10;
/// Seconds for which a terminal's certificate is believed without asking the store again.
const TERMINAL_MEMORY_SECONDS: i64 = 10;

impl Gate {
    /// Forgets every token; to be called after some were revoked in the store.
    pub fn forget_tokens(&self) {
        let mut memory = self.memory();
        memory.tokens.clear();
        memory.forgotten = memory.forgotten.wrapping_add(1);
    }

    /// For whom an access token acts that came from this peer, for a call with this purpose.
    ///
    /// # Errors
    /// [`errors::CLIENT_UNKNOWN`], [`errors::TOKEN_ELSEWHERE`], [`errors::NETWORK`];
    /// [`store::StoreError`].
    pub async fn client(&self, text: &str, peer: Peer, purpose: Purpose) -> Result<Caller, Stop> {
        let (hash, at) = (token::hash(text), self.now());
        let (known, before) = {
            let memory = self.memory();
            (memory.tokens.get(&hash).cloned(), memory.forgotten)
        };
        if let Some(holder) = known.filter(|holder| at < holder.until) {
            token::fits(holder.certificate, &holder.networks, peer)?;
            return Ok(holder.caller);
        }
        let secret = Secret::new(text.to_owned());
        let found = self.look_up_for(purpose, move |call| holder(call, secret.reveal()));
        let holder = found.answer().await?.ok_or(&errors::CLIENT_UNKNOWN)?;
        let mut memory = self.memory();
        // Something was revoked since: if it was this token, it must not be remembered.
        if memory.forgotten == before {
            if memory.tokens.len() >= MEMORY_MAX {
                memory.tokens.retain(|_, holder| at < holder.until);
            }
            if memory.tokens.len() >= MEMORY_MAX {
                memory.tokens.clear();
            }
            memory.tokens.insert(hash, holder.clone());
        }
        token::fits(holder.certificate, &holder.networks, peer)?;
        Ok(holder.caller)
    }

    /// Whose terminal a certificate (SHA-256 of its DER) is; `None` for one that nobody has
    /// registered and for one that has ended.
    ///
    /// # Errors
    /// [`store::StoreError`].
    pub async fn terminal(
        &self,
        sha256: [u8; 32],
        purpose: Purpose,
    ) -> Result<Option<Terminal>, Stop> {
        let at = self.now();
        if let Some((terminal, until)) = self.memory().terminals.get(&sha256)
            && at < *until
        {
            return Ok(Some(terminal.clone()).filter(|terminal| terminal.holds(at)));
        }
        let before = self.memory().forgotten;
        let found = self.look_up_for(purpose, move |call| Ok(terminal::find(call, &sha256)?));
        let found = found.answer().await?;
        let Some(terminal) = found.filter(|terminal| terminal.holds(at)) else {
            return Ok(None);
        };
        let mut memory = self.memory();
        if memory.terminals.len() >= MEMORY_MAX {
            memory.terminals.clear();
        }
        // As with sessions: it may have been ended since.
        if memory.forgotten == before {
            let until = at.plus_seconds(TERMINAL_MEMORY_SECONDS);
            memory.terminals.insert(sha256, (terminal.clone(), until));
        }
        Ok(Some(terminal))
    }

    /// Forgets a terminal's certificate; to be called after it was ended in the store.
    pub fn forget_terminal(&self, sha256: &[u8; 32]) {
        let mut memory = self.memory();
        memory.terminals.remove(sha256);
        memory.forgotten = memory.forgotten.wrapping_add(1);
    }
}

/// Who holds a token, if it and its client hold, and whoever approved it.
fn holder(call: &mut Call<'_>, text: &str) -> Result<Option<Holder>, Stop> {
    let Some(token) = token::find(call, text)? else {
        return Ok(None);
    };
    let Some((client, _)) = client::find(call, token.client)? else {
        return Ok(None);
    };
    let until = call
        .at()
        .plus_seconds(CLIENT_MEMORY_SECONDS)
        .min(token.ends_at);
    let (actor, until) = match token.approver {
        None => {
            let Some(home) = home(call, client.facility)? else {
                return Ok(None);
            };
            let actor = Actor::System {
                client: client.id,
                name: client.terms.name,
                home,
            };
            (actor, until)
        }
        Some(approver) => {
            let mut session = Stored {
                id: approver.session,
                stage: Stage::Full,
                whose: approver.whose,
                created_at: token.issued_at,
                ends_at: until,
                seen_at: token.issued_at,
                proved_at: None,
                origin: Origin::default(),
            };
            let Some(actor) = actor(call, &mut session)? else {
                return Ok(None);
            };
            (actor, session.ends_at)
        }
    };
    let mut caller = Caller::new(actor);
    caller.scopes = Some(token.scopes.into());
    Ok(Some(Holder {
        caller,
        certificate: token.certificate,
        networks: client.terms.networks,
        until,
    }))
}
