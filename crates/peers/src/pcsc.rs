//! The card readers of this machine, over PC/SC.
//!
//! A PIN stays in force while its application stays selected, even over a reset: so a card is
//! opened for us alone, [`signing::reader`] selects another application when it is done, and the
//! card is powered down when it is let go.
//! Source: identity-security 1.3 and 1.7; PC/SC workgroup, part 5 (errors and states).

use std::{
    ffi::{CStr, CString},
    time::{Duration, Instant},
};

use myna_card::transport::Transmit;
use pcsc::{Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};
use signing::reader::CardError;

/// How long a service may take to see that a card is gone, once a command got no answer.
const NOTICED_WITHIN: Duration = Duration::from_millis(1_500);

/// The readers, through the service of this machine.
pub struct Readers {
    context: Context,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readers")
    }
}

impl Readers {
    /// Reaches the service.
    ///
    /// # Errors
    /// [`CardError::NoService`] when it does not run.
    pub fn reach() -> Result<Self, CardError> {
        let context = Context::establish(Scope::User).map_err(fault)?;
        Ok(Self { context })
    }

    /// The names of the readers.
    ///
    /// # Errors
    /// [`CardError::NoReader`] when there is none.
    pub fn names(&self) -> Result<Vec<String>, CardError> {
        let names = self.found(None)?;
        Ok(names
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn found(&self, wanted: Option<&str>) -> Result<Vec<CString>, CardError> {
        let mut names = self.context.list_readers_owned().map_err(fault)?;
        names.retain(|name| wanted.is_none_or(|wanted| name.to_string_lossy() == wanted));
        if names.is_empty() {
            return Err(CardError::NoReader);
        }
        Ok(names)
    }

    /// Opens the card that lies on a reader (on the one of this name, if one is given), for us
    /// alone; waits for a card as long as `patience`.
    ///
    /// # Errors
    /// [`CardError`]: no reader, no card, one that does not answer, or in use by others.
    pub fn open(&self, wanted: Option<&str>, patience: Duration) -> Result<OpenCard, CardError> {
        let mut states: Vec<ReaderState> = self
            .found(wanted)?
            .into_iter()
            .map(|name| ReaderState::new(name, State::UNAWARE))
            .collect();
        let begun = Instant::now();
        // The first look answers at once, the next ones when something changes.
        let mut left = Duration::ZERO;
        loop {
            match self.context.get_status_change(left, &mut states) {
                Ok(()) | Err(Error::Timeout) => {}
                Err(error) => return Err(fault(error)),
            }
            let there = states
                .iter()
                .find(|reader| reader.event_state().contains(State::PRESENT));
            let why = match there.map(|reader| self.take(reader.name())) {
                Some(Ok(card)) => return Ok(card),
                Some(Err(why)) => why,
                None => CardError::CardRemoved,
            };
            left = patience.saturating_sub(begun.elapsed());
            // A card that is being placed or taken away is silent for a moment.
            let may_change = matches!(why, CardError::CardRemoved | CardError::CardSilent);
            if left.is_zero() || !may_change {
                return Err(why);
            }
            states.iter_mut().for_each(ReaderState::sync_current_state);
        }
    }

    fn take(&self, name: &CStr) -> Result<OpenCard, CardError> {
        let card = self
            .context
            .connect(name, ShareMode::Exclusive, Protocols::ANY)
            .map_err(fault)?;
        Ok(OpenCard {
            context: self.context.clone(),
            name: name.to_owned(),
            card: Some(card),
            buffer: vec![0; pcsc::MAX_BUFFER_SIZE],
            fault: None,
        })
    }
}

/// A card that is ours until it is dropped.
pub struct OpenCard {
    context: Context,
    name: CString,
    card: Option<pcsc::Card>,
    buffer: Vec<u8>,
    fault: Option<CardError>,
}

impl std::fmt::Debug for OpenCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenCard")
    }
}

impl OpenCard {
    /// What went wrong between us and the card, if anything did: more exact than what a failed
    /// command tells, which only knows that there was no answer.
    #[must_use]
    pub const fn fault(&self) -> Option<CardError> {
        self.fault
    }

    /// Why a command got no answer: the card may have been taken away, which the service sees
    /// a moment later only.
    fn why(&self, error: Error) -> CardError {
        let found = fault(error);
        if found != CardError::ReaderFault {
            return found;
        }
        let known = State::PRESENT | State::EXCLUSIVE | State::INUSE;
        let mut states = [ReaderState::new(self.name.clone(), known)];
        for patience in [Duration::ZERO, NOTICED_WITHIN] {
            match self.context.get_status_change(patience, &mut states) {
                Ok(()) | Err(Error::Timeout) => {}
                Err(error) => return fault(error),
            }
            let [state] = &mut states;
            if state.event_state().contains(State::EMPTY) {
                return CardError::CardRemoved;
            }
            state.sync_current_state();
        }
        CardError::ReaderFault
    }
}

impl Transmit for OpenCard {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        // What the card layer makes of it does not matter: `fault` says what it was.
        let nothing = || myna_card::Error::ShortResponse(0);
        let card = self.card.as_ref().ok_or_else(nothing)?;
        if self.fault.is_some() {
            return Err(nothing());
        }
        match card.transmit(command, &mut self.buffer) {
            Ok(answer) => Ok(answer.to_vec()),
            Err(error) => {
                self.fault = Some(self.why(error));
                Err(nothing())
            }
        }
    }
}

impl Drop for OpenCard {
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            // A card that was taken away has lost its power already.
            let _gone = card.disconnect(Disposition::UnpowerCard);
        }
    }
}

/// What the service's word means for who stands at the counter.
const fn fault(error: Error) -> CardError {
    match error {
        Error::NoService | Error::ServiceStopped | Error::Shutdown => CardError::NoService,
        Error::NoReadersAvailable | Error::UnknownReader | Error::ReaderUnavailable => {
            CardError::NoReader
        }
        Error::SharingViolation => CardError::ReaderBusy,
        Error::NoSmartcard | Error::RemovedCard => CardError::CardRemoved,
        Error::UnresponsiveCard
        | Error::UnpoweredCard
        | Error::UnsupportedCard
        | Error::InvalidAtr
        | Error::ProtoMismatch => CardError::CardSilent,
        _ => CardError::ReaderFault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_the_service_has_its_own_sentence_for_the_counter() {
        for (word, means) in [
            (Error::NoService, CardError::NoService),
            (Error::NoReadersAvailable, CardError::NoReader),
            (Error::SharingViolation, CardError::ReaderBusy),
            (Error::NoSmartcard, CardError::CardRemoved),
            (Error::RemovedCard, CardError::CardRemoved),
            (Error::UnpoweredCard, CardError::CardSilent),
            (Error::NotTransacted, CardError::ReaderFault),
            (Error::CommError, CardError::ReaderFault),
        ] {
            assert_eq!(fault(word), means, "{word:?}");
        }
    }
}
