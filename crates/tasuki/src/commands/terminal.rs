//! `tasuki terminal`: the card terminal of a counter, with the card readers of this machine.
//!
//! It is the other end of `POST /api/v1/eligibility/card-checks`, for whoever tries a reader or
//! a card, and for the tests with PC/SC. It takes the PIN from its standard input. Without a PIN
//! it can use test cards alone: nobody outside has a real terminal's certificate
//! (identity-security 1.5).

use std::{fs, io::BufRead as _, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use myna_card::transport::Transmit;
use peers::{
    card_terminal::{CardTerminal, reader_state},
    http::Reply,
    oauth::{ClientKey, Credentials},
    record_system::RecordSystem,
};
use signing::{reader::CardError, testpki::TestPki, vcard::TestTerminal};

use crate::program::SystemClock;

/// How the holder is recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// By the PIN, which is read from standard input.
    Pin,
    /// By the camera: a test card signs for a registered test terminal.
    Face,
    /// The same, at a terminal that nobody registered.
    FaceUnregistered,
}

/// Where the terminal stands.
#[derive(Args)]
pub struct Options {
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
    let terminal = stand(&options)?;
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

fn stand(options: &Options) -> anyhow::Result<CardTerminal> {
    let text = fs::read_to_string(&options.key)
        .with_context(|| format!("{} cannot be read", options.key.display()))?;
    let credentials = Credentials {
        client: options.client.clone(),
        key: ClientKey::from_text(&text)?,
    };
    let server = options.server.trim_end_matches('/');
    let system = RecordSystem::of_client(server, credentials, Arc::new(SystemClock))?;
    Ok(CardTerminal::new(
        system,
        server,
        &options.facility,
        &options.name,
    ))
}

#[cfg(feature = "pcsc")]
async fn show(terminal: &CardTerminal, options: &Options) -> anyhow::Result<Reply> {
    let readers = peers::pcsc::Readers::reach()?;
    let patience = Duration::from_secs(options.wait_seconds);
    let mut card = readers.open(options.reader.as_deref(), patience)?;
    let shown = with(terminal, &mut card, options.by).await;
    match card.fault() {
        Some(fault) => Err(fault.into()),
        None => shown,
    }
}

#[cfg(not(feature = "pcsc"))]
async fn show(_terminal: &CardTerminal, _options: &Options) -> anyhow::Result<Reply> {
    bail!(
        "この実行ファイルはカードリーダーなしで作られています: libpcsclite-dev を入れて cargo build --features pcsc / built without card readers: install libpcsclite-dev and build with --features pcsc"
    )
}

async fn with(terminal: &CardTerminal, card: &mut impl Transmit, by: By) -> anyhow::Result<Reply> {
    let pki = TestPki::new()?;
    match by {
        By::Pin => {
            let mut pin = String::new();
            std::io::stdin().lock().read_line(&mut pin)?;
            terminal.present(card, pin.trim_end()).await
        }
        By::Face => {
            let proof = TestTerminal::registered(&pki, "tasuki-terminal")?;
            terminal.present_face(card, &proof).await
        }
        By::FaceUnregistered => {
            let proof = TestTerminal::unregistered(&pki, "tasuki-terminal")?;
            terminal.present_face(card, &proof).await
        }
    }
}

/// What the server answered, in one line; `true` when it confirmed.
fn tell(reply: &Reply) -> bool {
    if reply.status == 200 {
        let method = reply.word("/method").unwrap_or_default();
        let visit = reply.word("/visit").unwrap_or_default();
        println!("資格を確認しました。 / eligibility is confirmed ({method}) {visit}");
        return true;
    }
    let code = reply.code().unwrap_or_default();
    println!("{code} {}", reply.text());
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
