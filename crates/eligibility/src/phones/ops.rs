//! What a person does with their card and phone, and what the counter does with a screen code.
//!
//! Each answer to a challenge is used up as soon as its signature is good, whatever is found
//! behind it, as at every other door.

use access::{
    challenge::{self, Answer as Signed, Challenge},
    errors as no, guess,
};
use kernel::{
    Entry, Refusal, Secret,
    id::PersonId,
    time::{JstDate, Timestamp},
};
use registry::{
    model::{EndReason, Enrolled, HeldCertificate, InsuranceUse, Shown},
    ops::{self as people, NewPhone},
};
use store::{
    Call, Stop,
    caller::{Actor, Home},
};

use super::{errors, rules, store as table};
use crate::{
    model::{Confirmed, Method},
    ops::confirm,
};

/// The purpose inside a challenge for 健康保険証利用登録.
pub const REGISTRATION: &str = "insurance-registration";
/// The purpose inside the first challenge of an enrollment: the card's.
pub const PHONE_CARD: &str = "phone-enrollment-card";
/// The purpose inside the second: the phone's.
pub const PHONE: &str = "phone-enrollment";
/// The terminal inside every challenge of the portal.
pub const PORTAL: &str = "portal";
/// Seconds for which a screen code can be typed.
pub const CODE_SECONDS: i64 = 5 * 60;
/// Codes that are drawn before giving up: with eight digits the first is free all but always.
const DRAWS_MAX: usize = 16;

/// The holder of a certificate that is shown as an insurance card.
///
/// # Errors
/// `TSK-ACC-025`, `TSK-PHN-001` to `TSK-PHN-003`; the store's.
pub fn insured_holder(call: &Call<'_>, signed: &Signed) -> Result<PersonId, Stop> {
    let key = signed.certificate.card_key();
    Err(Stop::from(match people::show_card(call, key.reveal())? {
        Shown::InUse(person) => return Ok(person),
        Shown::NotYet => &errors::NOT_REGISTERED,
        Shown::Cancelled => &errors::CANCELLED,
        Shown::Ended => &errors::ENDED,
        Shown::Unknown => &no::CARD_UNKNOWN,
    }))
}

/// The holder of a certificate, registered as an insurance card or not.
///
/// # Errors
/// `TSK-ACC-025`, `TSK-PHN-003`; the store's.
pub fn holder(call: &Call<'_>, signed: &Signed) -> Result<PersonId, Stop> {
    let key = signed.certificate.card_key();
    if let Some(person) = people::find_by_card(call, key.reveal())? {
        return Ok(person);
    }
    Err(Stop::from(match people::show_card(call, key.reveal())? {
        Shown::Ended => &errors::ENDED,
        _ => &no::CARD_UNKNOWN,
    }))
}

/// A card's certificate, or the entry that says why not.
fn card_only(signed: &Signed) -> Result<(), Stop> {
    match signed.certificate.medium() {
        phone if phone.is_phone() => Err(Stop::from(&errors::NO_CARD)),
        _ => Ok(()),
    }
}

/// Whose own affairs these are: a proxy cannot act in them.
fn oneself(call: &Call<'_>) -> Result<PersonId, Stop> {
    match &call.caller().actor {
        Actor::Patient { person, .. } => Ok(*person),
        Actor::Proxy { .. } => Err(Stop::from(&errors::NOT_BY_PROXY)),
        _ => Err(Stop::from(&no::FORBIDDEN)),
    }
}

/// Registers a card as insurance card at a facility's terminal, by its holder's PIN; since
/// when it is.
///
/// # Errors
/// `CHALLENGE_*` of `access`, `TSK-PHN-023`; inside `TSK-ACC-025`, `TSK-PHN-003`,
/// `TSK-PHN-004`; the store's.
pub fn register_at_counter(
    call: &mut Call<'_>,
    signed: &Signed,
    origin: &str,
    terminal: &str,
) -> Result<Result<Timestamp, Refusal>, Stop> {
    call.detail("method", Method::CardPin.word());
    card_only(signed)?;
    challenge::consume(call, signed, origin, terminal, REGISTRATION)?;
    let outcome = holder(call, signed).and_then(|person| register(call, person));
    challenge::settle(call, outcome)
}

/// The same in the portal, by the person who is logged in.
///
/// # Errors
/// As [`register_at_counter`]; `TSK-PHN-006`, inside `TSK-PHN-005`.
pub fn register_own(
    call: &mut Call<'_>,
    signed: &Signed,
    origin: &str,
) -> Result<Result<Timestamp, Refusal>, Stop> {
    let me = oneself(call)?;
    call.open(me)?;
    card_only(signed)?;
    challenge::consume(call, signed, origin, PORTAL, REGISTRATION)?;
    let outcome = own_card(call, me, signed).and_then(|()| register(call, me));
    challenge::settle(call, outcome)
}

fn own_card(call: &Call<'_>, me: PersonId, signed: &Signed) -> Result<(), Stop> {
    if holder(call, signed)? == me {
        Ok(())
    } else {
        Err(Stop::from(&errors::OTHERS_CARD))
    }
}

fn register(call: &mut Call<'_>, person: PersonId) -> Result<Timestamp, Stop> {
    if people::register_use(call, person)? {
        Ok(call.at())
    } else {
        Err(Stop::from(&errors::ALREADY_REGISTERED))
    }
}

/// Cancels the registration (利用登録の解除): from the next check on, neither card nor phone
/// stands for an insurance card, and the insurer gives a 資格確認書.
///
/// # Errors
/// `TSK-PHN-006`, `TSK-PHN-007`; the store's.
pub fn cancel_own(call: &mut Call<'_>) -> Result<(), Stop> {
    let me = oneself(call)?;
    if people::cancel_use(call, me)? {
        Ok(())
    } else {
        Err(Stop::from(&errors::NOTHING_TO_CANCEL))
    }
}

/// A challenge of the portal for the person's card.
///
/// # Errors
/// `TSK-PHN-006`, `TSK-PHN-020`, `TSK-PHN-027`; the store's.
pub fn begin_card(call: &mut Call<'_>, purpose: &'static str) -> Result<Challenge, Stop> {
    let me = oneself(call)?;
    call.open(me)?;
    if purpose == PHONE_CARD {
        may_have_phone(call, me)?;
    }
    challenge::issue(call, PORTAL, purpose)
}

/// The first half of an enrollment: the card has signed, and the phone is asked to. That the
/// second challenge exists at all shows that the card did; it is bound to this person.
///
/// # Errors
/// `CHALLENGE_*` of `access`, `TSK-PHN-006`, `TSK-PHN-023`; inside `TSK-ACC-025`,
/// `TSK-PHN-003`, `TSK-PHN-005`, `TSK-PHN-020`, `TSK-PHN-027`; the store's.
pub fn begin_phone(
    call: &mut Call<'_>,
    signed: &Signed,
    origin: &str,
) -> Result<Result<Challenge, Refusal>, Stop> {
    let me = oneself(call)?;
    call.open(me)?;
    card_only(signed)?;
    challenge::consume(call, signed, origin, PORTAL, PHONE_CARD)?;
    let checked = own_card(call, me, signed).and_then(|()| may_have_phone(call, me));
    let outcome = checked.and_then(|()| {
        let terminal = enrolling(call, me);
        challenge::issue(call, &terminal, PHONE)
    });
    challenge::settle(call, outcome)
}

/// What stands for the terminal inside the second challenge: this person's portal, without
/// saying who they are.
fn enrolling(call: &Call<'_>, me: PersonId) -> String {
    let tag = call.directory_key("phone-enrollment", &[&me.to_hex()]);
    let short = kernel::hex::encode(tag.get(..8).unwrap_or_default());
    format!("{PORTAL}-{short}")
}

fn may_have_phone(call: &Call<'_>, me: PersonId) -> Result<(), Stop> {
    let birth = people::profile(call, me)?.birth;
    if !rules::may_enroll_phone(birth, call.at().jst_date()) {
        return Err(Stop::from(&errors::TOO_YOUNG));
    }
    let uses = people::insurance_uses(call, me)?;
    match uses.last() {
        Some(InsuranceUse { until: None, .. }) => Ok(()),
        _ => Err(Stop::from(&errors::PHONE_BEFORE_USE)),
    }
}

/// What a person says of the phone that they enroll.
#[derive(Clone)]
pub struct PhoneWish {
    /// What they call it.
    pub label: String,
    /// Does it take the place of another (機種変更)?
    pub replaces: bool,
}

/// The second half: the phone has signed. It stands for the insurance card from here on, and
/// the phone before it no longer.
///
/// # Errors
/// `CHALLENGE_*` of `access`, `TSK-PHN-006`, `TSK-PHN-022`; inside `TSK-PHN-020`,
/// `TSK-PHN-021`, `TSK-PHN-024`, `TSK-PHN-027`; the store's.
pub fn enroll_phone(
    call: &mut Call<'_>,
    signed: &Signed,
    origin: &str,
    wish: &PhoneWish,
) -> Result<Result<(), Refusal>, Stop> {
    let me = oneself(call)?;
    call.open(me)?;
    let medium = rules::medium(signed.certificate.medium());
    if !medium.is_phone() {
        return Err(Stop::from(&errors::NO_PHONE));
    }
    let terminal = enrolling(call, me);
    challenge::consume(call, signed, origin, &terminal, PHONE)?;
    let outcome = may_have_phone(call, me).and_then(|()| {
        let phone = NewPhone {
            card_key: signed.certificate.card_key(),
            medium,
            label: wish.label.clone(),
            replaces: wish.replaces,
        };
        match people::enroll_phone(call, me, &phone)? {
            Enrolled::Done { before } => {
                call.detail("medium", medium.code());
                if before.is_some() {
                    call.detail("ended", EndReason::Replaced.code());
                }
                Ok(())
            }
            Enrolled::HasOther => Err(Stop::from(&errors::OTHER_PHONE)),
            Enrolled::Already | Enrolled::TiedElsewhere => Err(Stop::from(&errors::PHONE_TAKEN)),
        }
    });
    challenge::settle(call, outcome)
}

/// Ends the phone of the person who is logged in: lost, or no longer wanted.
///
/// # Errors
/// `TSK-PHN-006`, `TSK-PHN-025`; the store's.
pub fn end_phone(call: &mut Call<'_>, reason: EndReason) -> Result<(), Stop> {
    let me = oneself(call)?;
    let ended = people::end_phone(call, me, reason)?;
    let Some(phone) = ended else {
        return Err(Stop::from(&errors::NO_SUCH_PHONE));
    };
    call.detail("medium", phone.medium.code());
    call.detail("ended", reason.code());
    Ok(())
}

/// How a person stands: their certificates and registrations.
#[derive(Clone)]
pub struct Standing {
    /// Certificates, oldest first.
    pub certificates: Vec<HeldCertificate>,
    /// Times of registration, oldest first.
    pub uses: Vec<InsuranceUse>,
    /// Date of birth.
    pub birth: JstDate,
}

impl Standing {
    /// Since when the card is registered as insurance card; `None` when it is not.
    #[must_use]
    pub fn registered_at(&self) -> Option<Timestamp> {
        let last = self.uses.last()?;
        last.until.is_none().then_some(last.from)
    }

    /// The phone that stands for the insurance card, if there is one.
    #[must_use]
    pub fn phone(&self) -> Option<&HeldCertificate> {
        self.certificates
            .iter()
            .find(|one| one.holds() && one.medium.is_phone())
    }

    /// May a phone be enrolled on this day, by age?
    #[must_use]
    pub fn is_of_age(&self, on: JstDate) -> bool {
        rules::may_enroll_phone(self.birth, on)
    }
}

/// The standing of an opened person.
///
/// # Errors
/// The store's.
pub fn standing(call: &Call<'_>, person: PersonId) -> Result<Standing, Stop> {
    Ok(Standing {
        certificates: people::certificates(call, person)?,
        uses: people::insurance_uses(call, person)?,
        birth: people::profile(call, person)?.birth,
    })
}

fn code_key(call: &Call<'_>, code: &str) -> [u8; 32] {
    call.directory_key("screen-code", &[code])
}

/// A code for the screen of the person who is logged in; the one before is worth nothing any
/// more.
///
/// A code shows that the person is there, as their phone does: it is given only inside their
/// own session, which card or phone has opened and ten idle minutes end, never to a proxy; it
/// lives five minutes, is told to one counter, and is good once. So it opens the choice of
/// consent as well; what it lacks beside a phone's signature is that it could be read out to
/// somebody far away within those minutes, which is why the history names this way of its own.
///
/// # Errors
/// `TSK-PHN-006`; the store's.
pub fn issue_code(call: &mut Call<'_>) -> Result<Secret<String>, Stop> {
    let me = oneself(call)?;
    call.lock(me)?;
    table::drop(call, me, call.at().plus_seconds(-CODE_SECONDS))?;
    for _ in 0..DRAWS_MAX {
        let mut bytes = [0; 8];
        call.rng().fill(&mut bytes);
        let code = format!("{:08}", u64::from_be_bytes(bytes) % 100_000_000);
        if table::put(call, &code_key(call, &code), me)? {
            return Ok(Secret::new(code));
        }
    }
    Err(Stop::Failed(store::StoreError::Corrupt(
        "the directory of screen codes",
    )))
}

/// Verifies eligibility by the code on a person's screen.
///
/// Whoever guesses is slowed down, by facility and account, as at a log-in; a wrong code opens
/// nobody. The code is used up whatever is found about its owner.
///
/// # Errors
/// `TSK-PHN-031`; inside `TSK-PHN-030`, `TSK-ELG-005` to `TSK-ELG-008`; the store's.
pub fn check_screen(
    call: &mut Call<'_>,
    home: &Home,
    code: &Secret<String>,
    on: JstDate,
) -> Result<Result<Confirmed, Refusal>, Stop> {
    call.detail("method", Method::PortalScreen.word());
    let (place, account) = (format!("screen-code {}", home.code), account(call));
    if guess::must_wait(call, &place, &account)? {
        return Err(Stop::from(&errors::SCREEN_WAIT));
    }
    let taken = table::take(call, &code_key(call, code.reveal()))?;
    let fresh = taken.filter(|(_, issued_at)| call.at() < issued_at.plus_seconds(CODE_SECONDS));
    let Some((person, _)) = fresh else {
        guess::note(call, &place, &account)?;
        return kept(call, &errors::SCREEN_CODE);
    };
    guess::forgive(call, &place, &account)?;
    let outcome = confirm(call, home.id, person, None, on, Method::PortalScreen);
    challenge::settle(call, outcome)
}

/// A refusal that keeps what was counted.
fn kept<T>(call: &mut Call<'_>, why: &'static Entry) -> Result<Result<T, Refusal>, Stop> {
    challenge::settle(call, Err(Stop::from(why)))
}

fn account(call: &Call<'_>) -> String {
    match &call.caller().actor {
        Actor::Staff { staff, .. } => staff.to_hex(),
        Actor::System { client, .. } => client.to_hex(),
        _ => String::new(),
    }
}
