//! The part of `tasuki terminal` that needs this machine's card readers.

use std::{io::BufRead as _, time::Duration};

use kernel::time::Clock as _;
use myna_card::transport::Transmit;
use peers::{card_terminal::CardTerminal, http::Reply, pcsc::Readers};
use signing::{testpki::TestPki, vcard::TestTerminal};

use super::terminal::{By, Options};
use crate::{program::SystemClock, town::counter::Ledgered};

/// Has the card on a reader answer a challenge of the server.
///
/// # Errors
/// [`signing::reader::CardError`], to be found by `downcast_ref`; when the server cannot be
/// reached. What it refuses is its reply.
pub async fn show(terminal: &CardTerminal, options: &Options) -> anyhow::Result<Reply> {
    let readers = Readers::reach()?;
    let patience = Duration::from_secs(options.wait_seconds);
    let mut card = readers.open(options.reader.as_deref(), patience)?;
    let shown = with(terminal, &mut card, options.by).await;
    match card.fault() {
        Some(fault) => Err(fault.into()),
        None => shown,
    }
}

async fn with(terminal: &CardTerminal, card: &mut impl Transmit, by: By) -> anyhow::Result<Reply> {
    match by {
        By::Pin => terminal.present(card, &asked_pin()?).await,
        By::Phone => terminal.present_phone(card, &asked_pin()?).await,
        By::Face | By::FaceUnregistered => {
            let pki = TestPki::new()?;
            let name = "tasuki-terminal";
            let proof = match by {
                By::FaceUnregistered => TestTerminal::unregistered(&pki, name)?,
                _ => TestTerminal::registered(&pki, name)?,
            };
            let ledgered = Ledgered::on(&pki, SystemClock.now())?;
            terminal.present_face(card, &proof, &ledgered).await
        }
    }
}

fn asked_pin() -> anyhow::Result<String> {
    // On the other output, so that what is told of the card stands alone.
    eprintln!("暗証番号(4桁)を入れてください。 / enter the PIN of four digits");
    let mut pin = String::new();
    std::io::stdin().lock().read_line(&mut pin)?;
    Ok(pin.trim_end().to_owned())
}
