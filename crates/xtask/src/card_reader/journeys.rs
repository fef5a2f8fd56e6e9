//! Our terminal at a counter: every card, and everything that goes wrong with readers and cards,
//! each with its own code and sentence.
//!
//! Source: identity-security 1.3, 1.5; peers report 46 (reader faults).

use anyhow::{Result, ensure};

use super::inside::{Case, Desk, Told, until};

/// The demonstration's patient, and the next card and the phones of others.
const PATIENT: u64 = 1_000_001;
const NEXT: u64 = 2_000_001;
const ANDROID: u64 = 2_000_002;
const IPHONE: u64 = 2_000_003;

/// What needs a service that does not run, or one without readers: so these come first.
pub const WITHOUT_READER: [Case; 2] = [
    Case {
        name: "a service that does not run",
        act: |desk| {
            let told = desk.present("1234", &["--wait-seconds", "0"])?;
            Ok(refused("no service", &told, "TSK-CRD-012"))
        },
    },
    Case {
        name: "no reader",
        act: |desk| {
            desk.start_service(false)?;
            let told = desk.present("1234", &["--wait-seconds", "0"])?;
            let mut wrong = refused("no reader", &told, "TSK-CRD-004");
            wrong.extend(stuck(desk, "TSK-CRD-004")?);
            desk.start_service(true)?;
            Ok(wrong)
        },
    },
];

/// In the order in which they run.
pub const CASES: [Case; 9] = [
    Case {
        name: "the card with its PIN, and without one at a registered terminal",
        act: card,
    },
    Case {
        name: "wrong PINs count down and block",
        act: pins,
    },
    Case {
        name: "Android",
        act: |desk| phone(desk, "android", ANDROID),
    },
    Case {
        name: "iPhone",
        act: |desk| phone(desk, "ios", IPHONE),
    },
    Case {
        name: "the next card signs with ECDSA on P-384",
        act: |desk| {
            let _card = desk.lay("next", NEXT, &[])?;
            Ok(confirmed(
                "the next card",
                &desk.present("1234", &[])?,
                "pin",
            ))
        },
    },
    Case {
        name: "a card of another kind",
        act: |desk| {
            let _card = desk.lay("other", PATIENT, &[])?;
            let told = desk.present("1234", &[])?;
            Ok(refused("another card", &told, "TSK-CRD-006"))
        },
    },
    Case {
        name: "no card, and one that is taken away in the middle",
        act: taken_away,
    },
    Case {
        name: "a card that another program uses is not shared",
        act: in_use,
    },
    Case {
        name: "the diagnosis shows what the terminal reported",
        act: |desk| {
            let _card = desk.lay("card", PATIENT, &[])?;
            let mut wrong = confirmed("the card", &desk.present("1234", &[])?, "pin");
            for (words, says) in [
                (&["--reader"][..], "Tasuki Virtual PCD"),
                (&[], "カードリーダーは正しく動いています"),
            ] {
                let (text, is_good) = desk.diagnose(words)?;
                if !is_good || !text.contains(says) || text.contains('×') {
                    wrong.push(format!("the diagnosis: {text}"));
                }
            }
            Ok(wrong)
        },
    },
];

fn confirmed(what: &str, told: &Told, method: &str) -> Vec<String> {
    if told.is_confirmed && told.line.contains(&format!("({method})")) {
        return Vec::new();
    }
    vec![format!("{what} was not confirmed: {}", told.line)]
}

/// Refused with this code, and with words beside it.
fn refused(what: &str, told: &Told, code: &str) -> Vec<String> {
    let has_words = told.line.contains('→');
    if !told.is_confirmed && told.line.starts_with(code) && has_words {
        return Vec::new();
    }
    vec![format!("{what}: {} instead of {code}", told.line)]
}

/// The diagnosis is stuck, with this code: seen from the counter, and from the server, which was
/// told by the terminal.
fn stuck(desk: &Desk, code: &str) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for words in [&["--reader"][..], &[]] {
        let (text, is_good) = desk.diagnose(words)?;
        if is_good || !text.contains(code) {
            wrong.push(format!("the diagnosis does not say {code}: {text}"));
        }
    }
    Ok(wrong)
}

fn card(desk: &mut Desk) -> Result<Vec<String>> {
    let _card = desk.lay("card", PATIENT, &[])?;
    let mut wrong = confirmed("the card", &desk.present("1234", &[])?, "pin");
    let told = desk.present("", &["--by", "face"])?;
    wrong.extend(confirmed("the card without a PIN", &told, "face"));
    let told = desk.present("", &["--by", "face-unregistered"])?;
    wrong.extend(refused("an unregistered terminal", &told, "TSK-CRD-008"));
    Ok(wrong)
}

fn pins(desk: &mut Desk) -> Result<Vec<String>> {
    let _card = desk.lay("card", PATIENT, &["--pin", "4321"])?;
    let mut wrong = Vec::new();
    for (pin, code, left) in [
        ("9999", "TSK-CRD-001", "残り2回"),
        // Not sent to the card at all.
        ("12", "TSK-CRD-003", ""),
        ("9999", "TSK-CRD-001", "残り1回"),
    ] {
        let told = desk.present(pin, &[])?;
        wrong.extend(refused(pin, &told, code));
        if !told.line.contains(left) {
            wrong.push(format!("{pin}: {} without {left}", told.line));
        }
    }
    // The right one gives all tries back.
    wrong.extend(confirmed(
        "the right PIN",
        &desk.present("4321", &[])?,
        "pin",
    ));
    for code in ["TSK-CRD-001", "TSK-CRD-001", "TSK-CRD-002"] {
        wrong.extend(refused("9999", &desk.present("9999", &[])?, code));
    }
    let told = desk.present("4321", &[])?;
    wrong.extend(refused("the right PIN, too late", &told, "TSK-CRD-002"));
    // The face still opens it: a blocked PIN is no reason to send anybody home.
    let told = desk.present("", &["--by", "face"])?;
    wrong.extend(confirmed("the blocked card by face", &told, "face"));
    Ok(wrong)
}

fn phone(desk: &mut Desk, profile: &str, number: u64) -> Result<Vec<String>> {
    let _phone = desk.lay(profile, number, &[])?;
    let told = desk.present("1234", &["--by", "phone"])?;
    let mut wrong = confirmed(profile, &told, "phone_biometric");
    // A phone has no use without its holder, and is no card.
    let told = desk.present("", &["--by", "face"])?;
    wrong.extend(refused(profile, &told, "TSK-CRD-008"));
    let told = desk.present("1234", &["--by", "pin"])?;
    wrong.extend(refused(profile, &told, "TSK-PHN-010"));
    Ok(wrong)
}

fn taken_away(desk: &mut Desk) -> Result<Vec<String>> {
    // The one before may not be seen to be gone yet.
    let told = desk.present("1234", &["--wait-seconds", "2"])?;
    let mut wrong = refused("no card", &told, "TSK-CRD-005");
    let mut card = desk.lay("card", PATIENT, &["--taken-after", "8"])?;
    let told = desk.present("1234", &[])?;
    wrong.extend(refused("a card taken away", &told, "TSK-CRD-005"));
    until("the card is gone", || Ok(!card.lies()?))?;
    Ok(wrong)
}

fn in_use(desk: &mut Desk) -> Result<Vec<String>> {
    let _card = desk.lay("card", PATIENT, &[])?;
    // The first holds the card while its holder thinks of the PIN.
    let mut first = desk.terminal(&["--name", "reader-2"])?;
    ensure!(first.is_asking()?, "the first terminal did not ask");
    let told = desk.present("1234", &[])?;
    let mut wrong = refused("the second terminal", &told, "TSK-CRD-011");
    wrong.extend(confirmed(
        "the first terminal",
        &first.enter("1234")?,
        "pin",
    ));
    Ok(wrong)
}
