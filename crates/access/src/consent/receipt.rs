//! The receipt of a choice (同意の控え): what was agreed to, as a text that the installation
//! signs, so that whoever holds the paper can check it without the server.
//!
//! The text has one line a fact, each a word, a space and the value; its last line is the
//! signature (Ed25519 in base64url) over everything before it. What is read back is written
//! again and compared, so that there is one spelling only and no changed character passes.
//!
//! A receipt says what was chosen then. Whether it was taken back since, the ledger knows.
//!
//! Source: identity-security CONS-01 (the person gets proof of what they agreed to);
//! RFC 8032 (Ed25519); RFC 4648 section 5 (base64url).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{
    id::{ConsentId, FacilityId},
    time::Timestamp,
};
use store::{Call, caller::Purpose, paper};

use super::{Act, By, Category, Entry, Source};

/// The first line: what this paper is.
pub const FORM: &str = "tasuki-consent-receipt-v1";
/// Most bytes of a receipt: names are bounded, so a longer text is none.
pub const BYTES_MAX: usize = 2_000;
/// Words of what nobody said.
const NOTHING: &str = "-";
/// Most characters of a name on paper.
const NAME_MAX: usize = 60;

/// The facility on a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facility {
    /// Its ten-digit code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// What a receipt says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its number: the choice's.
    pub number: ConsentId,
    /// Who chose, with most of their given name hidden.
    pub who: String,
    /// Who may see.
    pub facility: Facility,
    /// What; empty when nothing may be seen.
    pub categories: Vec<Category>,
    /// For what.
    pub purpose: Purpose,
    /// From when.
    pub from: Timestamp,
    /// Until when by the choice for the visit; `None` when there was none.
    pub until: Option<Timestamp>,
    /// The standing choice: of what kind, until when.
    pub standing: Option<(Source, Timestamp)>,
    /// How the person proved to be there.
    pub method: String,
    /// Who chose.
    pub by: By,
    /// Where it is taken back.
    pub undo: String,
}

/// A receipt with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub receipt: Receipt,
    /// The whole text, signature included.
    pub text: String,
    /// The key that checks it, 32 bytes.
    pub public_key: Vec<u8>,
}

/// Why a text is no valid receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not in the form of a receipt.
    #[error("this is not a receipt in its only spelling")]
    Form,
    /// The signature is not over this text, or not by this key.
    #[error("the signature does not fit the text and the key")]
    Signature,
}

/// A name with the given name's characters hidden but the first: 橘 佐〇〇.
#[must_use]
pub fn masked(name: &str) -> String {
    let hide = |word: &str| -> String {
        let hidden = word.chars().skip(1).map(|_| '〇');
        word.chars().take(1).chain(hidden).collect()
    };
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => hide(only),
        [family, given @ ..] => {
            let given: Vec<String> = given.iter().map(|word| hide(word)).collect();
            format!("{family} {}", given.join(" "))
        }
    }
}

/// On one line, with single spaces: what ends a line or hides in it is left out.
fn on_one_line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .take(NAME_MAX)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// The receipt of choice `number` for `facility`, by the person's ledger; `None` when it has no
/// such choice.
#[must_use]
pub fn of(
    ledger: &[Entry],
    (id, facility): (FacilityId, Facility),
    number: ConsentId,
    name: &str,
    undo: &str,
) -> Option<Receipt> {
    let mine: Vec<&Entry> = ledger
        .iter()
        .filter(|e| e.id == number && e.facility == id && e.act != Act::Withdrawn)
        .collect();
    let first = mine.first()?;
    let given = |category: &Category| {
        let is_given = |e: &&&Entry| e.act == Act::Given && e.category == *category;
        mine.iter().any(|e| is_given(&e))
    };
    let ends = |source| mine.iter().find(|e| e.source == source)?.expires_at;
    let standing = [Source::Standing, Source::HomeCare]
        .into_iter()
        .find_map(|kind| {
            let is_given = |e: &&&Entry| e.act == Act::Given && e.source == kind;
            Some((kind, mine.iter().find(is_given)?.expires_at?))
        });
    Some(Receipt {
        number,
        who: on_one_line(&masked(name)),
        facility: Facility {
            code: on_one_line(&facility.code),
            name: on_one_line(&facility.name),
        },
        categories: Category::ALL.into_iter().filter(given).collect(),
        purpose: first.purpose,
        from: first.at,
        until: ends(Source::Visit),
        standing,
        method: on_one_line(&first.method),
        by: first.by,
        undo: on_one_line(undo),
    })
}

impl Receipt {
    /// What is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let or_nothing = |text: String| match text.is_empty() {
            true => NOTHING.to_owned(),
            false => text,
        };
        let show: Vec<&str> = self.categories.iter().map(|c| c.word()).collect();
        let until = self.until.map(|at| at.to_string()).unwrap_or_default();
        let standing = self
            .standing
            .map(|(source, until)| format!("{} {until}", source.word()))
            .unwrap_or_default();
        [
            FORM.to_owned(),
            format!("number {}", self.number.to_hex()),
            format!("who {}", or_nothing(self.who.clone())),
            format!("to {} {}", self.facility.code, self.facility.name),
            format!("show {}", or_nothing(show.join(" "))),
            format!("for {}", self.purpose.word()),
            format!("from {}", self.from),
            format!("until {}", or_nothing(until)),
            format!("standing {}", or_nothing(standing)),
            format!("how {} {}", self.method, self.by.word()),
            format!("undo {}", self.undo),
        ]
        .join("\n")
    }

    /// With this installation's signature.
    #[must_use]
    pub fn signed(self, call: &Call<'_>) -> Signed {
        let text = self.text();
        let signature = URL_SAFE_NO_PAD.encode(call.sign_paper(&text));
        Signed {
            text: format!("{text}\nsignature {signature}"),
            public_key: call.paper_key(),
            receipt: self,
        }
    }

    /// From the text that [`Receipt::text`] makes.
    fn parse(text: &str) -> Option<Self> {
        fn something(text: &str) -> Option<&str> {
            (text != NOTHING).then_some(text)
        }
        let mut lines = text.split('\n');
        if lines.next() != Some(FORM) {
            return None;
        }
        let mut value = |word: &str| lines.next()?.strip_prefix(word)?.strip_prefix(' ');
        let number = ConsentId::parse(value("number")?)?;
        let who = something(value("who")?).unwrap_or_default().to_owned();
        let (code, name) = value("to")?.split_once(' ')?;
        let show = something(value("show")?).unwrap_or_default();
        let show: Option<Vec<Category>> = show.split_whitespace().map(Category::parse).collect();
        let purpose = Purpose::parse(value("for")?)?;
        let from = Timestamp::parse(value("from")?)?;
        let until = match something(value("until")?) {
            Some(at) => Some(Timestamp::parse(at)?),
            None => None,
        };
        let standing = match something(value("standing")?) {
            Some(both) => {
                let (kind, at) = both.split_once(' ')?;
                Some((Source::parse(kind)?, Timestamp::parse(at)?))
            }
            None => None,
        };
        let (method, by) = value("how")?.split_once(' ')?;
        let undo = value("undo")?.to_owned();
        let found = Self {
            number,
            who,
            facility: Facility {
                code: code.to_owned(),
                name: name.to_owned(),
            },
            categories: show?,
            purpose,
            from,
            until,
            standing,
            method: method.to_owned(),
            by: By::parse(by)?,
            undo,
        };
        (found.text() == text).then_some(found)
    }
}

/// Reads a receipt and checks it with the installation's published key.
///
/// # Errors
/// [`Fault`].
pub fn verify(key: &[u8], paper: &str) -> Result<Receipt, Fault> {
    if paper.len() > BYTES_MAX {
        return Err(Fault::Form);
    }
    let (text, last) = paper.rsplit_once('\n').ok_or(Fault::Form)?;
    let signature = last.strip_prefix("signature ").ok_or(Fault::Form)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Fault::Form)?;
    let receipt = Receipt::parse(text).ok_or(Fault::Form)?;
    if paper::holds(key, text, &signature) {
        Ok(receipt)
    } else {
        Err(Fault::Signature)
    }
}
