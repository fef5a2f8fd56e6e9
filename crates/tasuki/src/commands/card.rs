//! `tasuki vcard sign` and `tasuki code`: what a person's card and authenticator would do,
//! for whoever tries the sandbox by hand.

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::time::Clock;
use signing::{
    reader,
    testpki::{Holder, TestPki},
    vcard::{Content, Profile, VirtualCard},
};
use testkit::{population::demo, seed};

use crate::program::SystemClock;

fn profile_of(word: &str) -> anyhow::Result<Profile> {
    Ok(match word {
        "card" => Profile::Card,
        "android" => Profile::Android,
        "iphone" => Profile::Ios,
        "next" => Profile::Next,
        _ => bail!("the profile is card, android, iphone or next"),
    })
}

/// Has virtual card `number`, or the phone of its holder, sign a challenge's text, and prints
/// certificate and signature.
///
/// # Errors
/// When the PIN is wrong, the text is no challenge or there is no such profile.
pub fn sign(profile: &str, number: u64, pin: &str, text: &str) -> anyhow::Result<()> {
    let profile = profile_of(profile)?;
    let text = text.replace("\\n", "\n");
    if !text.starts_with(signing::challenge::VERSION) {
        bail!(
            "the text does not begin with {}; copy it as the page shows it",
            signing::challenge::VERSION
        );
    }
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
    let content = Content::for_person(&pki, profile, number, holder, validity)?;
    let mut card = VirtualCard::new(&pki, profile, &content);
    let answer = reader::sign_challenge(&mut card, pin, text.as_bytes())?;
    println!(
        "certificate\n{}\n",
        STANDARD.encode(&answer.certificate_der)
    );
    println!("signature\n{}", STANDARD.encode(&answer.signature));
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
