//! A virtual card in the slot of a virtual reader: octets from the reader in, octets to it out.
//!
//! The virtual reader (`vpcd` of the vsmartcard project) is a driver of PC/SC's service that
//! speaks over a stream: each message is two octets of length, the greater first, and so many
//! octets. A message of one octet orders power or asks for the answer to reset; every other one
//! is a command APDU. Orders of power are not answered, the rest always is, with at least one
//! octet: on an empty answer the reader would wait for ever.
//!
//! Source: identity-security 1.7; vsmartcard, `virtualsmartcard/src/vpcd/vpcd.h`.

use super::VirtualCard;
use super::apdu;

/// The answer to reset: T=1, no historical characters. It is not that of a real card, so that
/// nobody takes one for the other.
pub const ATR: [u8; 9] = [0x3b, 0xe0, 0x00, 0x00, 0x81, 0x31, 0xfe, 0x45, 0x14];

/// Octets of the longest command taken; the longest of this card has 360.
pub const COMMAND_LEN_MAX: usize = 4_096;

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ASK_ATR: u8 = 4;

/// Why a stream is no reader's, or no longer in step with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// A message of no octets.
    #[error("a message without content")]
    Empty,
    /// A message longer than [`COMMAND_LEN_MAX`].
    #[error("a message of {0} octets, more than any command has")]
    TooLong(usize),
    /// One octet that is no order.
    #[error("an unknown order to the card, {0:#04x}")]
    UnknownOrder(u8),
}

/// The slot with its card.
#[derive(Debug)]
pub struct Slot {
    card: VirtualCard,
    is_powered: bool,
    /// Octets that came and are no whole message yet.
    waiting: Vec<u8>,
    commands: u64,
}

impl Slot {
    /// The card lies in the slot, without power.
    #[must_use]
    pub const fn new(card: VirtualCard) -> Self {
        Self {
            card,
            is_powered: false,
            waiting: Vec::new(),
            commands: 0,
        }
    }

    /// Commands that the card was given so far.
    #[must_use]
    pub const fn commands(&self) -> u64 {
        self.commands
    }

    /// Takes octets, as many or few as came; what is to be sent back, which may be nothing.
    ///
    /// # Errors
    /// [`SlotError`] when the sender is no reader; the stream is of no more use then.
    pub fn take(&mut self, octets: &[u8]) -> Result<Vec<u8>, SlotError> {
        self.waiting.extend_from_slice(octets);
        let mut answers = Vec::new();
        while let Some(message) = self.next_message()? {
            if let Some(answer) = self.answer(&message)? {
                // No answer of this card comes near to the longest that can be framed.
                let len = u16::try_from(answer.len()).unwrap_or(u16::MAX);
                answers.extend(len.to_be_bytes());
                answers.extend(answer);
            }
        }
        Ok(answers)
    }

    fn next_message(&mut self) -> Result<Option<Vec<u8>>, SlotError> {
        let Some((head, rest)) = self.waiting.split_first_chunk::<2>() else {
            return Ok(None);
        };
        let len = usize::from(u16::from_be_bytes(*head));
        if len == 0 {
            return Err(SlotError::Empty);
        }
        if len > COMMAND_LEN_MAX {
            return Err(SlotError::TooLong(len));
        }
        let Some((message, rest)) = rest.split_at_checked(len) else {
            return Ok(None);
        };
        let message = message.to_vec();
        self.waiting = rest.to_vec();
        Ok(Some(message))
    }

    fn answer(&mut self, message: &[u8]) -> Result<Option<Vec<u8>>, SlotError> {
        match message {
            [POWER_OFF] => self.power(false),
            [POWER_ON | RESET] => self.power(true),
            [ASK_ATR] => return Ok(Some(ATR.to_vec())),
            [order] => return Err(SlotError::UnknownOrder(*order)),
            command if self.is_powered => {
                self.commands = self.commands.saturating_add(1);
                return Ok(Some(self.card.transmit(command)));
            }
            _ => return Ok(Some(apdu::respond(Err(apdu::CONDITIONS)))),
        }
        Ok(None)
    }

    /// What was unlocked is locked again; tries that were spent stay spent.
    fn power(&mut self, on: bool) {
        self.card.reset();
        self.is_powered = on;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testpki::{Holder, TestPki};
    use crate::vcard::{Content, Profile};
    use kernel::time::{JstDate, Timestamp};

    const SELECT_JPKI: [u8; 15] = [
        0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01,
    ];
    const AUTH_PIN: [u8; 7] = [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x18];
    const TRIES: [u8; 4] = [0x00, 0x20, 0x00, 0x80];
    const WRONG: [u8; 9] = [0x00, 0x20, 0x00, 0x80, 4, 0x39, 0x39, 0x39, 0x39];
    const RIGHT: [u8; 9] = [0x00, 0x20, 0x00, 0x80, 4, 0x31, 0x32, 0x33, 0x34];
    const SIGN: [u8; 7] = [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x17];

    fn slot(profile: Profile) -> Slot {
        let pki = TestPki::new().expect("the committed keys");
        let holder = Holder {
            name: "襷 花子".to_owned(),
            sex: '2',
            birth: JstDate::new(1980, 2, 3).expect("a date"),
            address: "東京都".to_owned(),
        };
        let life = (
            Timestamp::parse("2026-01-01T00:00:00Z").expect("a time"),
            Timestamp::parse("2031-01-01T00:00:00Z").expect("a time"),
        );
        let content = Content::for_person(&pki, profile, 7, holder, life).expect("a card");
        Slot::new(VirtualCard::new(&pki, profile, &content))
    }

    fn framed(message: &[u8]) -> Vec<u8> {
        let len = u16::try_from(message.len()).expect("short");
        [&len.to_be_bytes()[..], message].concat()
    }

    fn said(slot: &mut Slot, message: &[u8]) -> Vec<u8> {
        slot.take(&framed(message)).expect("in step")
    }

    #[test]
    fn orders_of_power_are_not_answered_and_the_answer_to_reset_is_there_at_all_times() {
        let mut slot = slot(Profile::Card);
        assert_eq!(said(&mut slot, &[ASK_ATR]), framed(&ATR));
        for order in [POWER_ON, RESET, POWER_OFF] {
            assert!(said(&mut slot, &[order]).is_empty(), "{order}");
            assert_eq!(said(&mut slot, &[ASK_ATR]), framed(&ATR));
        }
    }

    #[test]
    fn a_stream_is_understood_however_it_is_cut() {
        let orders: [&[u8]; 6] = [
            &[ASK_ATR],
            &[POWER_ON],
            &SELECT_JPKI,
            &AUTH_PIN,
            &TRIES,
            &[RESET],
        ];
        let stream: Vec<u8> = orders.into_iter().flat_map(framed).collect();
        let whole = slot(Profile::Card).take(&stream).expect("in step");
        let ok = framed(&[0x90, 0x00]);
        let expected = [framed(&ATR), ok.clone(), ok, framed(&[0x63, 0xc3])].concat();
        assert_eq!(whole, expected);
        for size in 1..stream.len() {
            let mut slot = slot(Profile::Card);
            let parts = stream.chunks(size).map(|part| slot.take(part));
            let parts: Result<Vec<Vec<u8>>, SlotError> = parts.collect();
            assert_eq!(parts.expect("in step").concat(), expected, "{size}");
        }
    }

    #[test]
    fn what_no_reader_says_ends_the_stream() {
        let huge = u16::try_from(COMMAND_LEN_MAX + 1).expect("short");
        for (octets, why) in [
            (vec![0, 0], SlotError::Empty),
            (vec![0, 1, 3], SlotError::UnknownOrder(3)),
            (b"GET / HTTP/1.1".to_vec(), SlotError::TooLong(0x4745)),
            (
                huge.to_be_bytes().to_vec(),
                SlotError::TooLong(usize::from(huge)),
            ),
        ] {
            assert_eq!(slot(Profile::Card).take(&octets), Err(why), "{octets:?}");
        }
    }

    #[test]
    fn no_command_is_left_without_an_answer() {
        let mut slot = slot(Profile::Other);
        // Before there is power, too.
        assert_eq!(said(&mut slot, &SELECT_JPKI), framed(&[0x69, 0x85]));
        said(&mut slot, &[POWER_ON]);
        // Nothing of a My Number card is on a card of another kind.
        assert_eq!(said(&mut slot, &SELECT_JPKI), framed(&[0x6a, 0x82]));
        for len in 2..200_usize {
            let garbage: Vec<u8> = (0..=u8::MAX).cycle().skip(len * 7).take(len).collect();
            let answer = said(&mut slot, &garbage);
            assert!(answer.len() >= 4, "{garbage:?}");
        }
    }

    #[test]
    fn power_and_reset_lock_the_card_and_give_no_tries_back() {
        let sign = [0x80, 0x2a, 0x03, 0x80, 1, 7, 0];
        for order in [POWER_OFF, RESET] {
            let mut slot = slot(Profile::Card);
            let mut expect = |steps: &[(&[u8], [u8; 2])]| {
                for (command, status) in steps {
                    assert_eq!(said(&mut slot, command), framed(status), "{command:x?}");
                }
                assert!(said(&mut slot, &[order]).is_empty());
                assert!(said(&mut slot, &[POWER_ON]).is_empty());
            };
            let ok = [0x90, 0x00];
            expect(&[]);
            expect(&[(&SELECT_JPKI, ok), (&AUTH_PIN, ok), (&WRONG, [0x63, 0xc2])]);
            expect(&[
                // Nothing is selected any more.
                (&TRIES, [0x69, 0x86]),
                (&SELECT_JPKI, ok),
                (&AUTH_PIN, ok),
                (&TRIES, [0x63, 0xc2]),
                (&RIGHT, ok),
            ]);
            expect(&[(&SELECT_JPKI, ok), (&SIGN, ok), (&sign, [0x69, 0x82])]);
        }
    }
}
