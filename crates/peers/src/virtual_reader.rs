//! A virtual card lies on the virtual reader (`vpcd`) of this machine's card service.
//!
//! The reader listens, the card comes to it: over loopback only, because whoever reaches the
//! card can use it. Source: identity-security 1.7.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::Context;
use signing::vcard::Slot;

/// Between two looks for the reader.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Why a card lies there no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Its holder took it away.
    TakenAway,
    /// The reader has ended.
    ReaderEnded,
}

/// The reader at this port; its service may be about to start.
///
/// # Errors
/// When there is none within `patience`.
pub fn reach(port: u16, patience: Duration) -> anyhow::Result<TcpStream> {
    let place = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let begun = Instant::now();
    loop {
        match TcpStream::connect(place) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(_) if begun.elapsed() < patience => std::thread::sleep(LOOK_AGAIN),
            Err(error) => {
                return Err(error).with_context(|| format!(
                    "{port}番ポートに読み取り機がありません。pcscdとvsmartcard-vpcdを確かめてください / no reader at port {port}: look at pcscd and vsmartcard-vpcd"
                ));
            }
        }
    }
}

/// Lies on the reader until either leaves; the holder takes the card away after `taken_after`
/// commands, if given, without the last one's answer.
///
/// # Errors
/// When what is at the other end is no reader, or it broke off.
pub fn lie(
    mut reader: TcpStream,
    mut slot: Slot,
    taken_after: Option<u64>,
) -> anyhow::Result<Left> {
    let mut octets = [0; 4_096];
    loop {
        let read = match reader.read(&mut octets) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
            Err(error) => return Err(error).context("the reader broke off"),
        };
        let Some(octets) = octets.get(..read).filter(|octets| !octets.is_empty()) else {
            return Ok(Left::ReaderEnded);
        };
        let answers = slot
            .take(octets)
            .context("相手はvpcdの読み取り機ではありません / what answers is no reader of vpcd")?;
        if taken_after.is_some_and(|commands| slot.commands() > commands) {
            return Ok(Left::TakenAway);
        }
        reader.write_all(&answers)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::time::{JstDate, Timestamp};
    use signing::{
        testpki::{Holder, TestPki},
        vcard::{ATR, Content, Profile, VirtualCard},
    };
    use std::{net::TcpListener, thread};

    fn slot() -> Slot {
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
        let content = Content::for_person(&pki, Profile::Card, 7, holder, life).expect("a card");
        Slot::new(VirtualCard::new(&pki, Profile::Card, &content))
    }

    /// A reader that says this to a card and hears what it can; then why the card left.
    fn met(says: &[u8], hears: usize, taken_after: Option<u64>) -> (Vec<u8>, anyhow::Result<Left>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let card = thread::spawn(move || {
            let reader = reach(port, Duration::ZERO)?;
            lie(reader, slot(), taken_after)
        });
        let (mut stream, _) = listener.accept().expect("a card");
        stream.write_all(says).expect("written");
        let mut heard = vec![0; hears];
        stream.read_exact(&mut heard).expect("heard");
        if taken_after.is_some() {
            // Nothing more comes, and the card is gone.
            assert_eq!(stream.read(&mut [0; 1]).expect("an end"), 0);
        }
        drop(stream);
        (heard, card.join().expect("no panic"))
    }

    #[test]
    fn a_card_answers_its_reader_until_the_reader_ends() {
        let (heard, left) = met(&[0, 1, 4], 11, None);
        assert_eq!(heard, [&[0, 9][..], &ATR].concat());
        assert_eq!(left.expect("an orderly end"), Left::ReaderEnded);
    }

    #[test]
    fn a_card_that_is_taken_away_leaves_its_last_command_without_an_answer() {
        let says = [
            &[0, 1, 1][..],
            &[0, 4, 0, 0x84, 0, 0],
            &[0, 4, 0, 0x84, 0, 0],
        ]
        .concat();
        let (_, left) = met(&says, 0, Some(1));
        assert_eq!(left.expect("an orderly end"), Left::TakenAway);
    }

    #[test]
    fn what_is_no_reader_ends_it_with_a_reason() {
        let (_, left) = met(b"GET / HTTP/1.1", 0, None);
        let why = format!("{:#}", left.expect_err("no reader"));
        assert!(why.contains("no reader of vpcd"), "{why}");
    }

    #[test]
    fn without_a_reader_it_is_said_where_none_is() {
        // A port that was just given back.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let why = reach(port, Duration::ZERO).expect_err("nobody");
        assert!(format!("{why:#}").contains("pcscd"), "{why:#}");
    }
}
