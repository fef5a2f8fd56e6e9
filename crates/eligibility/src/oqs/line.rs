//! One person of a file: from the items as given to an inquiry, and from what was found, or
//! why not, to status, code, message and validity.

use kernel::{Entry, Refusal, time::JstDate};
use oqs::{
    Given, Text,
    charset::SUBSTITUTE,
    codes::{LimitConsent, Status, Validity},
    message::{Answer, SearchInfo},
};

use super::{answer, errors::UNREADABLE, model::Told};
use crate::{
    answer::rules::validity_of,
    api::WireInquiry,
    errors,
    model::{Inquiry, Reason},
    rules,
};

/// The inquiry that the items make.
///
/// # Errors
/// `TSK-OQS-010`; `TSK-ELG-020` to `TSK-ELG-026`, one finding for each item that is wrong.
pub fn inquiry(
    search: &SearchInfo,
    on: Option<JstDate>,
    today: JstDate,
) -> Result<Inquiry, Refusal> {
    let text =
        |item: &Option<Text>| -> String { item.as_ref().map_or("", Text::as_str).to_owned() };
    let insurer = search.insurer_number.as_ref();
    let birth = search.birthdate.as_ref().map(|birth| match birth {
        Given::Right(date) => date.to_string(),
        Given::Wrong(text) => text.as_str().to_owned(),
    });
    let wire = WireInquiry::new(
        insurer.map_or("", |number| number.as_str()),
        &text(&search.insured_card_symbol),
        &text(&search.insured_identification_number),
        &text(&search.insured_branch_number),
    );
    let on = on.unwrap_or(today);
    if !rules::is_askable(on, today) {
        let found = on.compact();
        return Err(Refusal::at(&errors::DATE, "on", &found));
    }
    for (path, item) in [
        ("symbol", &search.insured_card_symbol),
        ("number", &search.insured_identification_number),
    ] {
        let lost = item
            .as_ref()
            .filter(|text| text.as_str().contains(SUBSTITUTE));
        if let Some(lost) = lost {
            return Err(Refusal::at(&UNREADABLE, path, lost.as_str()));
        }
    }
    let inquiry = wire.born(birth).parse(today)?;
    Ok(Inquiry { on, ..inquiry })
}

/// Does the person let the limit be shown?
pub fn shows_limit(search: &SearchInfo) -> bool {
    let given = search.limit_consent.as_ref().and_then(Given::right);
    given == Some(&LimitConsent::Given)
}

/// What a file says of one person.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// 処理結果状況.
    pub status: Option<Status>,
    /// 処理結果コード.
    pub code: Option<Text>,
    /// 処理結果メッセージ.
    pub message: Option<Text>,
    /// 資格有効性.
    pub validity: Option<Validity>,
    /// 資格確認結果.
    pub answer: Option<Answer>,
}

impl Outcome {
    /// Adds a remark: its code where there is none yet, its sentence behind the others.
    pub fn remark(&mut self, code: &str, sentence: &str) {
        if self.code.is_none() {
            self.code = Text::new(&short(code));
        }
        let before = self.message.as_ref().map_or("", Text::as_str);
        self.message = Text::new(&format!("{before}{sentence}"));
    }
}

/// From a coverage that holds.
pub fn found(told: &Told, shows_limit: bool) -> Outcome {
    let mut outcome = Outcome {
        status: Some(Status::Done),
        validity: Some(Validity::Valid),
        answer: Some(answer::answer(told, shows_limit)),
        ..Outcome::default()
    };
    for reason in &told.reasons {
        let is_told = match reason {
            Reason::Valid => false,
            Reason::NoCeiling => shows_limit,
            _ => true,
        };
        if is_told {
            outcome.remark(reason.code(), reason.text().ja);
        }
    }
    outcome
}

/// From what was found, or why not.
pub fn outcome(result: Result<&Told, &Refusal>, shows_limit: bool) -> Outcome {
    match result {
        Ok(told) => found(told, shows_limit),
        Err(refusal) => {
            let validity = validity(refusal.entry);
            // Where the register has an answer, the question was answered.
            let status = match validity {
                Some(_) => Status::Done,
                None => Status::Error,
            };
            let mut outcome = Outcome {
                status: Some(status),
                validity,
                ..Outcome::default()
            };
            outcome.remark(refusal.entry.code, refusal.entry.cause.ja);
            if refusal.findings.is_empty() {
                outcome.remark("", refusal.entry.remedy.ja);
            }
            for finding in &refusal.findings {
                outcome.remark("", &finding.remedy_ja);
            }
            outcome
        }
    }
}

/// Our codes as 処理結果コード: letters and digits, `TSK-ELG-005` as `ELG005`. The national
/// service's own codes are not published; ours never look like them.
pub fn short(code: &str) -> String {
    let bare = code.strip_prefix("TSK-").unwrap_or(code);
    bare.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// What a no says about the coverage; nothing when the question itself was wrong.
fn validity(entry: &Entry) -> Option<Validity> {
    Validity::parse(validity_of(entry)?.code())
}
