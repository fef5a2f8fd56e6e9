//! `tasuki terminal`: the card terminal of a counter, with the card readers of this machine.
//!
//! It is the other end of `POST /api/v1/eligibility/card-checks`, for whoever tries a reader or
//! a card, and for the tests with PC/SC. It takes the PIN from its standard input. Without a PIN
//! it can use test cards alone: nobody outside has a real terminal's certificate
//! (identity-security 1.5).

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use peers::{
    card_terminal::{CardTerminal, reader_state},
    http::Reply,
    oauth::{ClientKey, Credentials},
    record_system::RecordSystem,
};
use signing::reader::CardError;

use crate::program::SystemClock;

/// How the holder is recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// By the PIN, which is read from standard input.
    Pin,
    /// By their phone, which they unlock; its PIN is read from standard input.
    Phone,
    /// By the camera: a test card signs for a registered test terminal.
    Face,
    /// The same, at a terminal whose certificate no card accepts.
    FaceUnregistered,
}

/// Where the terminal stands.
#[derive(Args)]
pub struct Place {
    /// The server's address, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub server: String,
    /// The client_id of the facility's record system.
    #[arg(long)]
    pub client: String,
    /// The file with the client's private key (PEM).
    #[arg(long)]
    pub key: PathBuf,
    /// The facility's ten-digit code.
    #[arg(long)]
    pub facility: String,
    /// The terminal's name.
    #[arg(long, default_value = "reader-1")]
    pub name: String,
}

/// What the terminal does.
#[derive(Args)]
pub struct Options {
    /// Where it stands.
    #[command(flatten)]
    pub place: Place,
    /// How the holder is recognized.
    #[arg(long, value_enum, default_value = "pin")]
    pub by: By,
    /// The reader's name; without it, the first on which a card lies.
    #[arg(long)]
    pub reader: Option<String>,
    /// Seconds for which a card is awaited.
    #[arg(long, default_value_t = 5)]
    pub wait_seconds: u64,
}

/// Has one card checked; `true` when the server confirmed eligibility.
///
/// # Errors
/// When the server cannot be reached. What card, reader or server refuse is told, not an error.
pub async fn run(options: Options) -> anyhow::Result<bool> {
    let terminal = stand(&options.place)?;
    let shown = show(&terminal, &options).await;
    let told = match &shown {
        Ok(reply) => tell(reply),
        Err(error) => match error.downcast_ref::<CardError>() {
            Some(error) => tell_card(*error),
            None => return shown.map(|_| false),
        },
    };
    let state = match &shown {
        Ok(_) => "ok",
        Err(error) => error
            .downcast_ref::<CardError>()
            .copied()
            .and_then(reader_state)
            .unwrap_or("ok"),
    };
    let reply = terminal.report(state).await?;
    if reply.status != 200 {
        bail!("the reader's state was not taken: {}", reply.text());
    }
    Ok(told)
}

/// The terminal of this place.
///
/// # Errors
/// When its key cannot be read, or the address is none.
pub fn stand(place: &Place) -> anyhow::Result<CardTerminal> {
    let text = fs::read_to_string(&place.key)
        .with_context(|| format!("{} cannot be read", place.key.display()))?;
    let credentials = Credentials {
        client: place.client.clone(),
        key: ClientKey::from_text(&text)?,
    };
    let server = place.server.trim_end_matches('/');
    let system = RecordSystem::of_client(server, credentials, Arc::new(SystemClock))?;
    Ok(CardTerminal::new(
        system,
        server,
        &place.facility,
        &place.name,
    ))
}

#[cfg(feature = "pcsc")]
use super::readers::show;

#[cfg(not(feature = "pcsc"))]
async fn show(_terminal: &CardTerminal, _options: &Options) -> anyhow::Result<Reply> {
    bail!(
        "この実行ファイルはカードリーダーなしで作られています: libpcsclite-dev を入れて cargo build --features pcsc / built without card readers: install libpcsclite-dev and build with --features pcsc"
    )
}

/// What the server answered, in one line; `true` when it confirmed.
fn tell(reply: &Reply) -> bool {
    if reply.status == 200 {
        let method = reply.word("/method").unwrap_or_default();
        let visit = reply.word("/visit").unwrap_or_default();
        println!("資格を確認しました。 / eligibility is confirmed ({method}) {visit}");
        return true;
    }
    let word = |name: &str| reply.word(name).unwrap_or_default();
    println!(
        "{} {} / {}. → {} / {}",
        reply.code().unwrap_or_default(),
        word("/cause_ja"),
        word("/cause_en"),
        word("/remedy_ja"),
        word("/remedy_en")
    );
    false
}

fn tell_card(error: CardError) -> bool {
    let entry = error.entry();
    let left = match error {
        CardError::PinWrong { tries_left } => {
            format!("残り{tries_left}回です。 / {tries_left} tries are left. ")
        }
        _ => String::new(),
    };
    println!(
        "{} {} / {}. {left}→ {} / {}",
        entry.code, entry.cause.ja, entry.cause.en, entry.remedy.ja, entry.remedy.en
    );
    false
}
