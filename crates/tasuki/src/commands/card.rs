//! `tasuki vcard` and `tasuki code`: what a person's card and authenticator would do, for
//! whoever tries the sandbox by hand.
//!
//! The card is made of the public test authority's keys: a server for real patients refuses
//! that authority (`serve --production`), and with it every card of these commands.

use std::time::Duration;

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Args, Subcommand};
use kernel::{Secret, time::Clock};
use peers::virtual_reader::{self, Left};
use signing::{
    reader,
    testpki::{Holder, TestPki},
    vcard::{Content, Profile, Slot, VirtualCard},
};
use testkit::{population::demo, seed};

use crate::program::SystemClock;

/// What the card does.
#[derive(Subcommand)]
pub enum Command {
    /// Sign a challenge's text; prints certificate and signature to paste.
    Sign {
        /// The card's number.
        #[arg(long)]
        number: u64,
        /// Its PIN.
        #[arg(long)]
        pin: String,
        /// The text; line breaks may be written as \\n.
        #[arg(long)]
        text: String,
        /// What signs: card, android, ios or next.
        #[arg(long, default_value = "card", value_parser = profile)]
        profile: Profile,
    },
    /// Lie on the virtual reader (vpcd) of this machine's PC/SC service, until it ends.
    Serve(Lying),
}

/// A card on a reader.
#[derive(Args)]
pub struct Lying {
    /// card, android, ios, next (the coming card, as we imagine it), or other (a bank's card).
    #[arg(long, default_value = "card", value_parser = profile)]
    pub profile: Profile,
    /// The card's number.
    #[arg(long)]
    pub number: u64,
    /// The port of the virtual reader, on loopback.
    #[arg(long, default_value_t = 0x8c7b)]
    pub port: u16,
    /// Its PIN, four digits; without it, 1234.
    #[arg(long, value_parser = pin)]
    pub pin: Option<String>,
    /// Seconds for which the reader is awaited.
    #[arg(long, default_value_t = 10)]
    pub wait_seconds: u64,
    /// The holder takes the card away after so many commands, without the last one's answer.
    #[arg(long)]
    pub taken_after: Option<u64>,
}

fn profile(name: &str) -> Result<Profile, String> {
    Profile::named(name).ok_or_else(|| "card, android, ios, next or other".to_owned())
}

fn pin(text: &str) -> Result<String, String> {
    let is_pin = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_pin
        .then(|| text.to_owned())
        .ok_or_else(|| "数字4桁 / four digits".to_owned())
}

/// Does it.
///
/// # Errors
/// As [`sign`] and [`serve`].
pub fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Sign {
            number,
            pin,
            text,
            profile,
        } => sign(*profile, *number, pin, text),
        Command::Serve(lying) => serve(lying),
    }
}

fn virtual_card(profile: Profile, number: u64, pin: Option<&str>) -> anyhow::Result<VirtualCard> {
    let now = SystemClock.now();
    let pki = TestPki::new()?;
    let life = demo::patient(now.jst_date());
    let holder = Holder {
        name: life.name.full(),
        sex: life.sex.code().chars().next().unwrap_or('9'),
        birth: life.birth,
        address: life.address.line(),
    };
    let validity = seed::card_validity(now);
    let mut content = Content::for_person(&pki, profile, number, holder, validity)?;
    if let Some(pin) = pin {
        content.pins.auth = Secret::new(pin.to_owned());
    }
    Ok(VirtualCard::new(&pki, profile, &content))
}

/// Has virtual card `number`, or the phone of its holder, sign a challenge's text, and prints
/// certificate and signature.
///
/// # Errors
/// When the PIN is wrong or the text is no challenge.
fn sign(profile: Profile, number: u64, pin: &str, text: &str) -> anyhow::Result<()> {
    let text = text.replace("\\n", "\n");
    if !text.starts_with(signing::challenge::VERSION) {
        bail!(
            "the text does not begin with {}; copy it as the page shows it",
            signing::challenge::VERSION
        );
    }
    let mut card = virtual_card(profile, number, None)?;
    let answer = reader::sign_challenge(&mut card, pin, text.as_bytes())?;
    println!(
        "certificate\n{}\n",
        STANDARD.encode(&answer.certificate_der)
    );
    println!("signature\n{}", STANDARD.encode(&answer.signature));
    Ok(())
}

/// Lies on the virtual reader until the reader or the holder ends it.
///
/// # Errors
/// When there is no reader, or what answers at its port is none.
fn serve(lying: &Lying) -> anyhow::Result<()> {
    let pin = lying.pin.as_deref();
    let slot = Slot::new(virtual_card(lying.profile, lying.number, pin)?);
    let patience = Duration::from_secs(lying.wait_seconds);
    let reader = virtual_reader::reach(lying.port, patience)?;
    println!(
        "カード{}番を読み取り機({}番ポート)に置きました。 / card {} lies on the reader at port {}",
        lying.number, lying.port, lying.number, lying.port
    );
    match virtual_reader::lie(reader, slot, lying.taken_after)? {
        Left::TakenAway => println!("カードを外しました。 / the card was taken away"),
        Left::ReaderEnded => println!("読み取り機が終了しました。 / the reader has ended"),
    }
    Ok(())
}

/// Prints the one-time code of a made-up account.
///
/// # Errors
/// When no code can be made.
pub fn code(login: &str) -> anyhow::Result<()> {
    let unix = u64::try_from(SystemClock.now().seconds())?;
    let code = peers::browser::one_time_code(&seed::totp_secret(login), unix)
        .context("no one-time code")?;
    println!("{code}");
    Ok(())
}
