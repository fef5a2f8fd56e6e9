//! JSON for record systems and card terminals.

use access::{
    challenge::{self, Answer as CardSignature, Challenge},
    consent::Category,
    errors as no,
    policy::Permission,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{
    Entry, Refusal, Text,
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::ChallengeId,
    time::JstDate,
};
use registry::model::InsuredKey;
use serde::{Deserialize, Serialize};
use store::caller::{Event, Home, Purpose, Role};
use web::{Answer, Body, Face, Method as Http, Request, Route, handler};

use crate::{
    errors,
    model::{Confirmed, Inquiry, Method, VisitId},
    ops, rules,
};

/// Audit event of a check by number.
pub static CHECK: Event = Event {
    code: "eligibility.check",
    ja: "資格の確認(番号)",
    en: "eligibility verified by number",
};
static CARD: Event = Event {
    code: "eligibility.card",
    ja: "資格の確認(マイナンバーカード)",
    en: "eligibility verified by card",
};
static CHALLENGE: Event = Event {
    code: "eligibility.challenge",
    ja: "カード確認の開始",
    en: "card challenge issued",
};
/// Audit event of a patient's choice.
pub static CONSENT: Event = Event {
    code: "consent.give",
    ja: "同意の登録",
    en: "consent recorded",
};

/// Routes of the API.
#[must_use]
pub fn routes() -> Vec<Route> {
    let post = |path, event, permission, summary, handler| Route {
        method: Http::Post,
        path,
        face: Face::Api,
        permission,
        event,
        purpose: Purpose::Eligibility,
        body: Body::Json,
        summary,
        handler,
    };
    vec![
        post(
            "/api/v1/eligibility/checks",
            &CHECK,
            Permission::CheckEligibility,
            Text {
                ja: "番号による資格確認",
                en: "verify eligibility by insured number",
            },
            handler!(check),
        ),
        post(
            "/api/v1/eligibility/challenges",
            &CHALLENGE,
            Permission::CheckEligibility,
            Text {
                ja: "カード確認の開始",
                en: "ask for a one-time card challenge",
            },
            handler!(begin),
        ),
        post(
            "/api/v1/eligibility/card-checks",
            &CARD,
            Permission::CheckEligibility,
            Text {
                ja: "カードによる資格確認",
                en: "verify eligibility by card",
            },
            handler!(card),
        ),
        post(
            "/api/v1/visits/{visit}/consents",
            &CONSENT,
            Permission::RecordConsent,
            Text {
                ja: "同意の登録",
                en: "record the patient's choice of consent",
            },
            handler!(consent),
        ),
    ]
}

/// What a caller asks, as it came; fields are parsed one by one so that each fault has its
/// own place.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct WireInquiry {
    insurer_number: String,
    #[serde(default)]
    symbol: String,
    number: String,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    birth_date: Option<String>,
    #[serde(default)]
    on: Option<String>,
}

impl WireInquiry {
    /// From the fields of a form.
    #[must_use]
    pub fn new(insurer_number: &str, symbol: &str, number: &str, branch: &str) -> Self {
        Self {
            insurer_number: insurer_number.to_owned(),
            symbol: symbol.to_owned(),
            number: number.to_owned(),
            branch: Some(branch.to_owned()),
            birth_date: None,
            on: None,
        }
    }

    /// With a date of birth.
    #[must_use]
    pub fn born(mut self, birth: Option<JstDate>) -> Self {
        self.birth_date = birth.map(|date| date.to_string());
        self
    }

    /// The inquiry, with every fault found.
    ///
    /// # Errors
    /// The first fault's catalogue entry with one finding for each fault.
    pub fn parse(&self, today: JstDate) -> Result<Inquiry, Refusal> {
        let mut faults = Faults::default();
        let insurer_number = faults.take(
            InsurerNumber::parse(&self.insurer_number).ok(),
            &errors::INSURER_NUMBER,
            "insurer_number",
            &self.insurer_number,
        );
        let symbol = faults.take(
            InsuredPersonSymbol::parse(&self.symbol).ok(),
            &errors::SYMBOL,
            "symbol",
            &self.symbol,
        );
        let person_number = faults.take(
            InsuredPersonNumber::parse(&self.number).ok(),
            &errors::PERSON_NUMBER,
            "number",
            &self.number,
        );
        let branch = faults.optional(
            self.branch.as_deref(),
            |text| BranchNumber::parse(text).ok(),
            &errors::BRANCH,
            "branch",
        );
        let birth = faults.optional(
            self.birth_date.as_deref(),
            JstDate::parse,
            &errors::BIRTH,
            "birth_date",
        );
        let on = faults.optional(
            self.on.as_deref(),
            |text| JstDate::parse(text).filter(|on| rules::is_askable(*on, today)),
            &errors::DATE,
            "on",
        );
        if branch.is_none() && birth.is_none() && faults.is_empty() {
            faults.add(&errors::WHO, "branch", "");
        }
        match (insurer_number, symbol, person_number, faults.refusal()) {
            (Some(insurer_number), Some(symbol), Some(person_number), None) => Ok(Inquiry {
                key: InsuredKey {
                    insurer_number,
                    symbol,
                    person_number,
                    branch,
                    birth,
                },
                on: on.unwrap_or(today),
            }),
            (_, _, _, refusal) => Err(refusal.unwrap_or(Refusal::new(&errors::WHO))),
        }
    }
}

/// Faults of an input, in order.
#[derive(Default)]
struct Faults(Option<Refusal>);

impl Faults {
    const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn add(&mut self, entry: &'static Entry, path: &str, found: &str) {
        let one = Refusal::at(entry, path, found);
        match &mut self.0 {
            Some(refusal) => refusal.findings.extend(one.findings),
            None => self.0 = Some(one),
        }
    }

    fn take<T>(
        &mut self,
        value: Option<T>,
        entry: &'static Entry,
        path: &str,
        found: &str,
    ) -> Option<T> {
        if value.is_none() {
            self.add(entry, path, found);
        }
        value
    }

    fn optional<T>(
        &mut self,
        text: Option<&str>,
        parse: impl Fn(&str) -> Option<T>,
        entry: &'static Entry,
        path: &str,
    ) -> Option<T> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.take(parse(text), entry, path, text)
    }

    fn refusal(self) -> Option<Refusal> {
        self.0
    }
}

#[derive(Serialize)]
struct WireConfirmed {
    validity: &'static str,
    validity_ja: &'static str,
    on: String,
    as_of: String,
    visit: String,
    method: &'static str,
    name: String,
    kana: String,
    sex: &'static str,
    birth_date: String,
    insurer_number: String,
    insurer_name: String,
    symbol: String,
    number: String,
    branch: Option<String>,
    insured_person: bool,
    card_kind: String,
    coverage_from: String,
    coverage_until: Option<String>,
    copay_tenths: u8,
    ceiling_class: Option<String>,
    ceiling_class_ja: Option<&'static str>,
    reasons: Vec<WireReason>,
}

#[derive(Serialize)]
struct WireReason {
    code: &'static str,
    ja: &'static str,
    en: &'static str,
}

fn confirmed(answer: &Confirmed, request: &Request) -> Answer {
    let (profile, coverage) = (&answer.profile, &answer.coverage);
    let wire = WireConfirmed {
        validity: "1",
        validity_ja: "有効",
        on: answer.on.to_string(),
        as_of: request.at().to_string(),
        visit: answer.visit.to_hex(),
        method: answer.method.word(),
        name: profile.name.clone(),
        kana: profile.kana.clone(),
        sex: profile.sex.code(),
        birth_date: profile.birth.to_string(),
        insurer_number: coverage.insurer_number.as_str().to_owned(),
        insurer_name: coverage.insurer_name.clone(),
        symbol: coverage.symbol.as_str().to_owned(),
        number: coverage.person_number.as_str().to_owned(),
        branch: coverage.branch.as_ref().map(|b| b.as_str().to_owned()),
        insured_person: coverage.is_insured_person,
        card_kind: coverage.card_kind.clone(),
        coverage_from: coverage.period.from().to_string(),
        coverage_until: coverage.period.until().map(|d| d.to_string()),
        copay_tenths: coverage.copay.get(),
        ceiling_class: coverage.ceiling_class.clone(),
        ceiling_class_ja: coverage.ceiling_class.as_deref().map(rules::ceiling_ja),
        reasons: answer
            .reasons
            .iter()
            .map(|r| WireReason {
                code: r.code(),
                ja: r.text().ja,
                en: r.text().en,
            })
            .collect(),
    };
    Answer::json(200, &wire)
}

async fn check(request: Request) -> Result<Answer, Refusal> {
    let wire: WireInquiry = request.json()?;
    let inquiry = wire.parse(request.at().jst_date())?;
    let facility = request.facility()?;
    let answer = request
        .write(move |call| ops::by_number(call, facility, &inquiry))
        .await?;
    Ok(confirmed(&answer, &request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBegin {
    terminal: String,
}

#[derive(Serialize)]
struct WireChallenge {
    challenge: String,
    text: String,
    nonce: String,
    origin: String,
    terminal: String,
    purpose: String,
    issued_at: String,
    expires_at: String,
}

/// A challenge as a terminal gets it; the portal's log-in gives the same.
///
/// # Errors
/// `CHALLENGE_ELSEWHERE` when terminal or purpose cannot stand in the signed text.
pub fn challenge_answer(challenge: &Challenge, origin: &str) -> Result<Answer, Refusal> {
    let text = challenge
        .text(origin)
        .ok_or(Refusal::new(&no::CHALLENGE_ELSEWHERE))?;
    let wire = WireChallenge {
        challenge: challenge.id.to_hex(),
        text,
        nonce: STANDARD.encode(challenge.nonce),
        origin: origin.to_owned(),
        terminal: challenge.terminal.clone(),
        purpose: challenge.purpose.clone(),
        issued_at: challenge.issued_at.to_string(),
        expires_at: challenge.expires_at().to_string(),
    };
    Ok(Answer::json(201, &wire))
}

/// A terminal's full name: its facility's code, a colon, its own name.
fn terminal(home: &Home, name: &str) -> Result<String, Refusal> {
    let fits = (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits {
        Ok(format!("{}:{name}", home.code))
    } else {
        Err(Refusal::at(&errors::TERMINAL, "terminal", name))
    }
}

async fn begin(request: Request) -> Result<Answer, Refusal> {
    let wire: WireBegin = request.json()?;
    let terminal = terminal(request.home()?, &wire.terminal)?;
    let challenge = request
        .write(move |call| challenge::issue(call, &terminal, ops::PURPOSE))
        .await?;
    challenge_answer(&challenge, &request.app().origin)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCard {
    challenge: String,
    certificate: String,
    signature: String,
    terminal: String,
    auth_method: String,
    #[serde(default)]
    on: Option<String>,
}

/// Checks form, certificate path, policy, dates and revocation of a card's answer; all of
/// it before any lock is held.
///
/// # Errors
/// `TSK-ELG-027`; the certificate's fault (`TSK-CRT-*`).
pub fn card_signature(
    request: &Request,
    challenge: &str,
    certificate: &str,
    signature: &str,
) -> Result<CardSignature, Refusal> {
    let bad = |path: &str| Refusal::at(&errors::CARD_DATA, path, "");
    let challenge = ChallengeId::parse(challenge).ok_or_else(|| bad("challenge"))?;
    let der = STANDARD
        .decode(certificate)
        .map_err(|_| bad("certificate"))?;
    let signature = STANDARD.decode(signature).map_err(|_| bad("signature"))?;
    Ok(CardSignature {
        challenge,
        certificate: request.app().trust.card(&der, request.at())?,
        signature,
    })
}

async fn card(request: Request) -> Result<Answer, Refusal> {
    let wire: WireCard = request.json()?;
    let home = request.home()?;
    let terminal = terminal(home, &wire.terminal)?;
    let method = Method::parse(&wire.auth_method)
        .filter(|method| method.shows_presence())
        .ok_or_else(|| Refusal::at(&errors::METHOD, "auth_method", &wire.auth_method))?;
    // A member of staff stands for a visual check with their own name.
    if method == Method::CardVisual && request.caller().role() == Role::System {
        return Err(Refusal::new(&no::CARD_METHOD));
    }
    let today = request.at().jst_date();
    let on = match wire.on.as_deref() {
        None => today,
        Some(text) => JstDate::parse(text)
            .filter(|on| rules::is_askable(*on, today))
            .ok_or_else(|| Refusal::at(&errors::DATE, "on", text))?,
    };
    let answer = card_signature(
        &request,
        &wire.challenge,
        &wire.certificate,
        &wire.signature,
    )?;
    let facility = home.id;
    let card = ops::CardAnswer {
        answer,
        origin: request.app().origin.clone(),
        terminal,
        method,
        on,
    };
    let answer = request
        .write(move |call| ops::by_card(call, facility, &card))
        .await?;
    Ok(confirmed(&answer, &request))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireConsent {
    categories: Vec<String>,
}

#[derive(Serialize)]
struct WireGiven {
    consent: String,
    categories: Vec<&'static str>,
    expires_at: String,
}

/// The categories named by their words.
///
/// # Errors
/// `TSK-CNS-004` with the place of each unknown word.
pub fn categories<S: AsRef<str>>(words: &[S]) -> Result<Vec<Category>, Refusal> {
    let mut out = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match Category::parse(word.as_ref()) {
            Some(category) if !out.contains(&category) => out.push(category),
            Some(_) => {}
            None => {
                let place = format!("categories[{index}]");
                return Err(Refusal::at(&no::CONSENT_CATEGORY, &place, word.as_ref()));
            }
        }
    }
    Ok(out)
}

async fn consent(request: Request) -> Result<Answer, Refusal> {
    let wire: WireConsent = request.json()?;
    let visit = request.id_param("visit", VisitId::parse)?;
    let chosen = categories(&wire.categories)?;
    let facility = request.facility()?;
    let words = chosen.iter().map(|c| c.word()).collect();
    let id = request
        .write(move |call| ops::choose(call, facility, visit, &chosen))
        .await?;
    let expires_at = request.at().plus_hours(access::consent::HOURS);
    Ok(Answer::json(
        201,
        &WireGiven {
            consent: id.to_hex(),
            categories: words,
            expires_at: expires_at.to_string(),
        },
    ))
}
