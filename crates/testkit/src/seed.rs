//! Putting made-up people, facilities and staff into a store, through the same operations
//! that real ones would take.

use std::collections::BTreeMap;

use access::{
    client::{self, Kind, Terms},
    jwk::PublicKey,
    password,
    scope::Scopes,
    staff,
};
use kernel::{
    Secret,
    code::{FacilityCode, InsurerNumber},
    id::{FacilityId, PersonId, StaffId},
    time::{Period, Timestamp},
};
use registry::{
    model::{self, CopayRate, FacilityKind, LossReason, Profile, Sex},
    ops as people,
};
use signing::{
    path::{CrlStore, Purpose, Requirements, TrustStore, verify},
    testpki::{Phone, TestPki, TestPkiError},
};
use store::{
    Call, Stop, SystemRng,
    caller::{Event, Home, Role},
};

use crate::population::{self, Life};

/// Audit event of a person taken over from an insurer's register.
pub static ENROLL: Event = Event {
    code: "registry.enroll",
    ja: "資格情報の登録(保険者)",
    en: "person and coverage registered by the insurer",
};
/// Audit event of setting up facilities, staff and clients.
pub static SET_UP: Event = Event {
    code: "operation.set-up",
    ja: "施設・職員の登録",
    en: "facilities and staff set up",
};
/// Audit event of a card's registration as insurance card.
pub static CARD: Event = Event {
    code: "registry.card",
    ja: "マイナンバーカードの健康保険証利用登録",
    en: "card registered as insurance card",
};

/// Insurers of made-up people load at nine in the morning.
const LOADED_HOUR: i64 = 9;
/// Seconds of a year of 365 days.
const YEAR_SECONDS: i64 = 365 * 24 * 3600;
/// What a record system is registered for.
pub const RECORD_SYSTEM_SCOPES: &str =
    "system/Bundle.crud system/*.cruds tasuki/eligibility tasuki/consent";

/// From when until when a made-up card is valid, around `now`.
#[must_use]
pub const fn card_validity(now: Timestamp) -> (Timestamp, Timestamp) {
    // Whole days, so that a card is the same whenever on that day it is made again.
    let day = now.seconds().div_euclid(86_400) * 86_400;
    let day = Timestamp::from_micros(day * 1_000_000);
    (
        day.plus_seconds(-YEAR_SECONDS),
        day.plus_seconds(4 * YEAR_SECONDS),
    )
}

/// A person's profile as the registry has it.
#[must_use]
pub fn profile(life: &Life) -> Profile {
    Profile {
        name: life.name.full(),
        kana: life.name.full_kana(),
        sex: match life.sex {
            population::Sex::Male => Sex::Male,
            population::Sex::Female => Sex::Female,
        },
        birth: life.birth,
        post_code: life.address.post_code.clone(),
        address: life.address.line(),
        other_name: None,
        shown_sex: None,
    }
}

/// A person's coverages as the registry has them.
#[must_use]
pub fn coverages(life: &Life) -> Vec<model::Coverage> {
    (1..)
        .zip(&life.coverages)
        .filter_map(|(number, c)| {
            Some(model::Coverage {
                number,
                period: c.period,
                insurer_number: InsurerNumber::from_register(c.insurer.number.as_str()).ok()?,
                insurer_name: c.insurer.name.clone(),
                symbol: c.symbol.clone(),
                person_number: c.number.clone(),
                branch: c.branch.clone(),
                is_insured_person: c.standing == population::Standing::Insured,
                copay: CopayRate::tenths(c.copay_tenths)?,
                ceiling: c.ceiling.as_ref().and_then(ceiling),
                elderly: elderly(life, c),
                diseases: Vec::new(),
                card_kind: c.card.code().to_owned(),
                issued_on: c.issued,
                card_period: c
                    .valid_until
                    .and_then(|last| Period::new(c.issued, Some(last.plus_days(1)))),
                insured_name: None,
                loss: c.loss.and_then(|loss| LossReason::from_code(loss.code())),
                loaded_at: Some(c.issued.start().plus_hours(LOADED_HOUR)),
            })
        })
        .collect()
}

fn ceiling(ceiling: &population::Ceiling) -> Option<model::Ceiling> {
    Some(model::Ceiling {
        class: model::CeilingClass::from_code(ceiling.class)?,
        certificate: Some(model::CeilingCertificate {
            kind: model::CertificateKind::from_code(ceiling.certificate)?,
            issued_on: ceiling.from,
            period: Period::new(ceiling.from, Some(ceiling.last.plus_days(1)))?,
            long_term_from: None,
        }),
    })
}

/// From 70 to 74 the copay rate stands on a certificate of its own.
fn elderly(life: &Life, c: &population::Coverage) -> Option<model::ElderlyCertificate> {
    let ages = Period::new(life.birth.plus_years(70), Some(life.birth.plus_years(75)))?;
    ages.contains(c.issued).then_some(())?;
    let last = c.ceiling.as_ref().map(|one| one.last.plus_days(1));
    Some(model::ElderlyCertificate {
        issued_on: c.issued,
        period: Period::new(c.issued, last)?,
        copay: CopayRate::tenths(c.copay_tenths)?,
    })
}

/// The insurers of made-up people: each loads once a day, and did so an hour ago.
///
/// # Errors
/// The store's.
pub fn insurers(call: &Call<'_>, lives: &[Life]) -> Result<(), Stop> {
    let all: BTreeMap<&str, &str> = lives
        .iter()
        .flat_map(|life| &life.coverages)
        .map(|c| (c.insurer.number.as_str(), c.insurer.name.as_str()))
        .collect();
    for (number, name) in all {
        let number = InsurerNumber::from_register(number)
            .map_err(|_| Stop::Failed(store::StoreError::Corrupt("an insurer number")))?;
        insurer(call, number, name, None)?;
    }
    Ok(())
}

/// An insurer that loads once a day and did so an hour ago; `home` stands for it.
///
/// # Errors
/// The store's.
pub fn insurer(
    call: &Call<'_>,
    number: InsurerNumber,
    name: &str,
    home: Option<FacilityId>,
) -> Result<(), Stop> {
    let insurer = model::Insurer {
        number,
        name: name.to_owned(),
        home,
        update_days: 1,
        loaded_at: Some(call.at().plus_hours(-1)),
        down_since: None,
    };
    Ok(people::put_insurer(call, &insurer)?)
}

/// Enrols a person; their identifier.
///
/// # Errors
/// The store's.
pub fn person(call: &mut Call<'_>, life: &Life) -> Result<PersonId, Stop> {
    let id = PersonId::random(call.rng());
    people::enroll(call, id, &profile(life), &coverages(life))?;
    Ok(id)
}

/// Who a life became, by its newest coverage.
///
/// # Errors
/// The store's.
pub fn find(call: &Call<'_>, life: &Life) -> Result<Option<PersonId>, Stop> {
    let Some(coverage) = coverages(life).pop() else {
        return Ok(None);
    };
    let found = people::find_by_number(
        call,
        &model::InsuredKey {
            insurer_number: coverage.insurer_number,
            symbol: coverage.symbol,
            person_number: coverage.person_number,
            branch: coverage.branch,
            birth: Some(life.birth),
        },
    )?;
    Ok(match found {
        model::Found::One(person) => Some(person),
        _ => None,
    })
}

/// Founds a facility; its identifier, code and name.
///
/// # Errors
/// The store's.
pub fn facility(call: &mut Call<'_>, facility: &population::Facility) -> Result<Home, Stop> {
    let code = facility.code.as_str();
    let kind = match facility.kind {
        population::FacilityKind::Hospital => FacilityKind::Hospital,
        population::FacilityKind::Clinic => FacilityKind::Clinic,
        population::FacilityKind::Dental => FacilityKind::Dental,
        population::FacilityKind::Pharmacy => FacilityKind::Pharmacy,
    };
    home(call, code, &facility.name, kind)
}

/// Founds an office beside the facilities of a population: an insurer, a town, the operator,
/// a nursing station, a therapy office. `number` (below a million) tells those of one kind
/// apart.
///
/// # Errors
/// The store's.
pub fn office(
    call: &mut Call<'_>,
    kind: FacilityKind,
    number: u32,
    name: &str,
) -> Result<Home, Stop> {
    let code = population::office_code(kind.table(), number);
    home(call, code.as_str(), name, kind)
}

/// Founds a facility of the official register.
///
/// # Errors
/// The store's.
pub fn home(call: &mut Call<'_>, code: &str, name: &str, kind: FacilityKind) -> Result<Home, Stop> {
    let id = FacilityId::random(call.rng());
    let code = FacilityCode::from_register(code)
        .map_err(|_| Stop::Failed(store::StoreError::Corrupt("a facility code")))?;
    people::found(
        call,
        &model::Facility {
            id,
            prefecture: code.as_str().chars().take(2).collect(),
            code: code.clone(),
            name: name.to_owned(),
            kind,
        },
    )?;
    call.concerns(id);
    Ok(Home {
        id,
        code: code.as_str().to_owned(),
        name: name.to_owned(),
    })
}

/// The role of a made-up member of staff.
#[must_use]
pub const fn role(role: population::Role) -> Role {
    match role {
        population::Role::Doctor => Role::Doctor,
        population::Role::Nurse => Role::Nurse,
        population::Role::Clerk => Role::Clerk,
        population::Role::Pharmacist => Role::Pharmacist,
        population::Role::Admin => Role::Administrator,
    }
}

/// The one-time code's secret of a made-up account: known to whoever knows the log-in name,
/// which is why such accounts exist only in demonstrations and tests.
#[must_use]
pub fn totp_secret(login: &str) -> Vec<u8> {
    let mut secret = store::audit::sha256(&[b"tasuki demo totp", login.as_bytes()]).to_vec();
    secret.truncate(staff::TOTP_SECRET_LEN);
    secret
}

/// Opens an account for a made-up member of staff.
///
/// # Errors
/// The store's.
pub fn account(
    call: &mut Call<'_>,
    home: &Home,
    login: &str,
    name: &str,
    role: Role,
    password_hash: &str,
) -> Result<StaffId, Stop> {
    let id = StaffId::random(call.rng());
    staff::hire(
        call,
        login,
        &staff::Account::new(
            home.id,
            id,
            name,
            role,
            password_hash.to_owned(),
            Secret::new(totp_secret(login)),
        ),
    )?;
    Ok(id)
}

/// What a made-up record system is registered with, and may do.
#[must_use]
pub fn record_system_terms(home: &Home, at: Timestamp) -> Terms {
    Terms {
        name: format!("{} 電子カルテ", home.name),
        kind: Kind::Backend,
        scopes: Scopes::parse(RECORD_SYSTEM_SCOPES).unwrap_or_default(),
        redirects: Vec::new(),
        networks: kernel::net::Networks::default(),
        certificates: Vec::new(),
        needs_certificate: false,
        ends_at: at.plus_seconds(YEAR_SECONDS),
    }
}

/// Registers a record system of a facility, as [`system`].
///
/// # Errors
/// The store's.
pub fn record_system(
    call: &mut Call<'_>,
    home: &Home,
    key: Option<&PublicKey>,
) -> Result<client::Client, Stop> {
    system(call, home, key, RECORD_SYSTEM_SCOPES)
}

/// Registers a facility's program for these scopes (a space between) under its public key;
/// without one it is known by a certificate that nobody has, and only what is inside the
/// program gives it tokens.
///
/// # Errors
/// The store's.
pub fn system(
    call: &mut Call<'_>,
    home: &Home,
    key: Option<&PublicKey>,
    scopes: &str,
) -> Result<client::Client, Stop> {
    let mut terms = record_system_terms(home, call.at());
    terms.scopes = Scopes::parse(scopes).unwrap_or_default();
    if key.is_none() {
        terms
            .certificates
            .push(store::audit::sha256(&[home.code.as_bytes()]));
    }
    let ends_at = terms.ends_at;
    client::register(call, home.id, &terms, key.map(|key| (key, ends_at)))
}

/// The key under which the registry keeps made-up card `number`.
///
/// # Errors
/// [`TestPkiError`] when the test authority cannot issue it.
pub fn card_key(
    pki: &TestPki,
    anchors: &TrustStore,
    crls: &CrlStore,
    number: u64,
    now: Timestamp,
) -> Result<Option<Secret<Vec<u8>>>, TestPkiError> {
    let (from, until) = card_validity(now);
    let card = pki.card_for(number, from, until)?;
    Ok(key_of(&card.certificate_der, anchors, crls, now))
}

/// The same of the next card (次期個人番号カード) with this number.
///
/// # Errors
/// [`TestPkiError`] when the test authority cannot issue it.
pub fn next_card_key(
    pki: &TestPki,
    anchors: &TrustStore,
    crls: &CrlStore,
    number: u64,
    now: Timestamp,
) -> Result<Option<Secret<Vec<u8>>>, TestPkiError> {
    let (from, until) = card_validity(now);
    let card = pki.next_card_for(number, from, until)?;
    Ok(key_of(&card.certificate_der, anchors, crls, now))
}

/// The same of a person's phone with this number.
///
/// # Errors
/// [`TestPkiError`] when the test authority cannot issue it.
pub fn phone_key(
    pki: &TestPki,
    anchors: &TrustStore,
    crls: &CrlStore,
    phone: Phone,
    number: u64,
    now: Timestamp,
) -> Result<Option<Secret<Vec<u8>>>, TestPkiError> {
    let (from, until) = card_validity(now);
    let phone = pki.phone_for(phone, number, from, until)?;
    Ok(key_of(&phone.certificate_der, anchors, crls, now))
}

fn key_of(
    certificate_der: &[u8],
    anchors: &TrustStore,
    crls: &CrlStore,
    now: Timestamp,
) -> Option<Secret<Vec<u8>>> {
    let requirements = Requirements::new(Purpose::CardAuthentication, now);
    let verified = verify(anchors, certificate_der, &[], &requirements, crls);
    verified.ok().map(|certificate| certificate.card_key())
}

/// A password hash for made-up accounts.
#[must_use]
pub fn password_hash(password: &str) -> Option<String> {
    password::hash(password, &SystemRng)
}
