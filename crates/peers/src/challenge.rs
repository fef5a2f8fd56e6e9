//! The card challenge as a peer sees it, and why it may refuse to sign.
//!
//! A terminal never signs text that it was merely handed: it builds the text from the parts,
//! each of which must be what it knows about itself, and compares. Else a server (or who
//! stands between) could make a card sign for another place.
//! Source: identity-security section 1.6, threats T05 and T06.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::time::Timestamp;
use serde_json::Value;

/// First line of the text.
const FORM: &str = "tasuki-card-auth-v1";
/// Bytes of a nonce.
const NONCE_LEN: usize = 32;

/// Where a peer believes that it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The server's origin, as configured into the peer.
    pub origin: &'a str,
    /// The terminal's full name.
    pub terminal: &'a str,
    /// For what the card is asked.
    pub purpose: &'a str,
}

/// Why a challenge is not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// A member is missing or malformed.
    #[error("the challenge has no usable {0}")]
    Malformed(&'static str),
    /// It is for another origin, terminal or purpose.
    #[error("the challenge is for another {0}")]
    Elsewhere(&'static str),
    /// The text does not follow from the parts.
    #[error("the text to sign is not the one that follows from its parts")]
    OtherText,
}

/// A challenge that may be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Its identifier.
    pub id: String,
    /// The text, built here.
    pub text: String,
}

impl Challenge {
    /// Reads a challenge and checks that it is for this place.
    ///
    /// # Errors
    /// [`Distrust`].
    pub fn read(json: &Value, place: &Place<'_>) -> Result<Self, Distrust> {
        let member = |name: &'static str| {
            json.get(name)
                .and_then(Value::as_str)
                .ok_or(Distrust::Malformed(name))
        };
        let expected = [
            ("origin", place.origin),
            ("terminal", place.terminal),
            ("purpose", place.purpose),
        ];
        for (name, ours) in expected {
            if member(name)? != ours {
                return Err(Distrust::Elsewhere(name));
            }
        }
        let nonce = STANDARD
            .decode(member("nonce")?)
            .ok()
            .filter(|nonce| nonce.len() == NONCE_LEN)
            .ok_or(Distrust::Malformed("nonce"))?;
        let issued_at =
            Timestamp::parse(member("issued_at")?).ok_or(Distrust::Malformed("issued_at"))?;
        let text = text(place, &nonce, issued_at).ok_or(Distrust::Malformed("place"))?;
        if member("text")? != text {
            return Err(Distrust::OtherText);
        }
        Ok(Self {
            id: member("challenge")?.to_owned(),
            text,
        })
    }
}

/// Six lines: form, origin, terminal, purpose, nonce in base64, time in UTC. `None` when a
/// part could be taken for two lines.
fn text(place: &Place<'_>, nonce: &[u8], issued_at: Timestamp) -> Option<String> {
    let parts = [
        FORM.to_owned(),
        place.origin.to_owned(),
        place.terminal.to_owned(),
        place.purpose.to_owned(),
        STANDARD.encode(nonce),
        issued_at.to_string(),
    ];
    let one_word = |part: &String| {
        !part.is_empty() && part.split_whitespace().count() == 1 && !part.contains(char::is_control)
    };
    parts.iter().all(one_word).then(|| parts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const HERE: Place<'_> = Place {
        origin: "https://tasuki.example",
        terminal: "1310000001:desk-1",
        purpose: "eligibility",
    };

    fn sent() -> Value {
        let nonce = STANDARD.encode([7; 32]);
        json!({
            "challenge": "0102",
            "text": format!(
                "tasuki-card-auth-v1\nhttps://tasuki.example\n1310000001:desk-1\neligibility\n{nonce}\n2026-11-22T09:00:00Z"
            ),
            "nonce": nonce,
            "origin": "https://tasuki.example",
            "terminal": "1310000001:desk-1",
            "purpose": "eligibility",
            "issued_at": "2026-11-22T09:00:00Z",
        })
    }

    #[test]
    fn a_challenge_for_this_place_gives_the_text_that_was_built_here() {
        let read = Challenge::read(&sent(), &HERE).expect("ours");
        assert_eq!(read.id, "0102");
        assert_eq!(sent()["text"], read.text.as_str());
    }

    #[test]
    fn the_server_and_its_peers_build_the_same_text() {
        let at = Timestamp::parse("2026-11-22T09:00:00.123456Z").expect("a time");
        let nonce: Vec<u8> = (0..32).collect();
        assert_eq!(
            text(&HERE, &nonce, at),
            signing::challenge::canonical(HERE.origin, HERE.terminal, HERE.purpose, &nonce, at)
        );
    }

    #[test]
    fn a_challenge_for_elsewhere_is_not_signed() {
        for name in ["origin", "terminal", "purpose"] {
            let mut other = sent();
            other[name] = json!("other");
            let distrust = Challenge::read(&other, &HERE);
            assert_eq!(distrust, Err(Distrust::Elsewhere(name)));
        }
    }

    #[test]
    fn a_text_that_does_not_follow_from_its_parts_is_not_signed() {
        let mut other = sent();
        other["text"] = json!("I owe you a million yen");
        assert_eq!(Challenge::read(&other, &HERE), Err(Distrust::OtherText));
        let mut other = sent();
        other["issued_at"] = json!("2026-11-22T09:00:01Z");
        assert_eq!(Challenge::read(&other, &HERE), Err(Distrust::OtherText));
    }

    #[test]
    fn a_short_nonce_and_a_missing_member_are_not_signed() {
        let mut other = sent();
        other["nonce"] = json!("AAAA");
        assert_eq!(
            Challenge::read(&other, &HERE),
            Err(Distrust::Malformed("nonce"))
        );
        assert_eq!(
            Challenge::read(&json!({}), &HERE),
            Err(Distrust::Malformed("origin"))
        );
    }

    #[test]
    fn a_place_that_spans_lines_has_no_text() {
        let at = Timestamp::from_micros(0);
        for bad in ["", "a\nb", "a b", "a\u{2028}b"] {
            let place = Place {
                terminal: bad,
                ..HERE
            };
            assert_eq!(text(&place, &[1; 32], at), None, "{bad:?}");
        }
    }
}
