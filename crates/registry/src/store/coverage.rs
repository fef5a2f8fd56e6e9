//! Profile, coverages and their changes, under their person.

use kernel::{
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::PersonId,
    money::Yen,
    time::{JstDate, Period, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{Call, StoreError};

use crate::model::{
    Ceiling, CeilingCertificate, CeilingClass, CertificateKind, ChangeKind, CopayRate, Coverage,
    CoverageChange, DiseaseKind, ElderlyCertificate, LossReason, Profile, Sex, SpecificDisease,
};

store::statements! {
    Person PUT_PROFILE = "INSERT INTO person_profile (person_id, body) VALUES ($1, $2)
        ON CONFLICT (person_id) DO UPDATE SET body = excluded.body";
    Person PROFILE = "SELECT body FROM person_profile WHERE person_id = $1";
    Person PUT_COVERAGE = "INSERT INTO coverage (person_id, number, from_date, until_date, body)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, number) DO UPDATE SET
        from_date = excluded.from_date, until_date = excluded.until_date, body = excluded.body";
    Person COVERAGES = "SELECT number, from_date, until_date, body FROM coverage
        WHERE person_id = $1 ORDER BY number";
    Person REMOVE_COVERAGE = "DELETE FROM coverage WHERE person_id = $1 AND number = $2";
    Person PUT_CHANGE = "INSERT INTO coverage_change (person_id, number, at, kind, body)
        VALUES ($1, $2, $3, $4, $5)";
    Person LAST_CHANGE = "SELECT COALESCE(MAX(number), 0) FROM coverage_change
        WHERE person_id = $1";
    Person CHANGES = "SELECT number, at, kind, body FROM coverage_change
        WHERE person_id = $1 ORDER BY number";
}

/// At-rest form of a profile.
#[derive(Serialize, Deserialize)]
struct ProfileBody {
    n: String,
    k: String,
    s: String,
    b: String,
    p: String,
    a: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    o: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
}

/// At-rest form of a period: first day and the day after the last.
type Days = (String, Option<String>);

/// At-rest form of a coverage. What came later than the first release is left out when empty.
#[derive(Serialize, Deserialize)]
struct CoverageBody {
    i: String,
    m: String,
    s: String,
    n: String,
    b: Option<String>,
    h: bool,
    c: u8,
    l: Option<String>,
    k: String,
    d: String,
    r: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lc: Option<CeilingBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<ElderlyBody>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    x: Vec<DiseaseBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<Days>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    o: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct CeilingBody {
    k: String,
    d: String,
    p: Days,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    l: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ElderlyBody {
    d: String,
    p: Days,
    c: u8,
}

#[derive(Serialize, Deserialize)]
struct DiseaseBody {
    k: String,
    d: String,
    p: Days,
    y: i64,
}

/// At-rest form of a change.
#[derive(Serialize, Deserialize)]
struct ChangeBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<Whole>,
    a: Whole,
}

/// A coverage with its number and period.
#[derive(Serialize, Deserialize)]
struct Whole {
    n: i64,
    p: Days,
    c: CoverageBody,
}

const BAD_BODY: StoreError = StoreError::Corrupt("a registry envelope");

pub(crate) fn put_profile(
    call: &Call<'_>,
    person: PersonId,
    profile: &Profile,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&ProfileBody {
        n: profile.name.clone(),
        k: profile.kana.clone(),
        s: profile.sex.code().to_owned(),
        b: profile.birth.to_string(),
        p: profile.post_code.clone(),
        a: profile.address.clone(),
        o: profile.other_name.clone(),
        x: profile.shown_sex.map(|sex| sex.code().to_owned()),
    })
    .map_err(|_| BAD_BODY)?;
    let body = call.seal(person, "person_profile", &[], &plain)?;
    call.execute(&PUT_PROFILE, &[person.as_bytes().into(), (&body).into()])?;
    Ok(())
}

pub(crate) fn profile(call: &Call<'_>, person: PersonId) -> Result<Option<Profile>, StoreError> {
    let Some(body) = call.row(&PROFILE, &[person.as_bytes().into()], |row| row.blob(0))? else {
        return Ok(None);
    };
    let plain = call.unseal(person, "person_profile", &[], &body)?;
    let body: ProfileBody = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
    Ok(Some(Profile {
        name: body.n,
        kana: body.k,
        sex: Sex::from_code(&body.s),
        birth: JstDate::parse(&body.b).ok_or(BAD_BODY)?,
        post_code: body.p,
        address: body.a,
        other_name: body.o,
        shown_sex: body.x.as_deref().map(Sex::from_code),
    }))
}

pub(crate) fn put_coverage(
    call: &Call<'_>,
    person: PersonId,
    coverage: &Coverage,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&body_of(coverage)).map_err(|_| BAD_BODY)?;
    let key = coverage.number.to_be_bytes();
    let body = call.seal(person, "coverage", &[&key], &plain)?;
    let from = coverage.period.from().to_string();
    let until = coverage.period.until().map(|d| d.to_string());
    call.execute(
        &PUT_COVERAGE,
        &[
            person.as_bytes().into(),
            coverage.number.into(),
            (&from).into(),
            until.as_ref().into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn remove_coverage(
    call: &Call<'_>,
    person: PersonId,
    number: i64,
) -> Result<(), StoreError> {
    let values = [person.as_bytes().into(), number.into()];
    call.execute(&REMOVE_COVERAGE, &values)?;
    Ok(())
}

pub(crate) fn coverages(call: &Call<'_>, person: PersonId) -> Result<Vec<Coverage>, StoreError> {
    let rows = call.rows(&COVERAGES, &[person.as_bytes().into()], |row| {
        let until = row
            .opt_text(2)?
            .map(|text| JstDate::parse(&text).ok_or(BAD_BODY))
            .transpose()?;
        let period = Period::new(row.date(1)?, until).ok_or(BAD_BODY)?;
        Ok((row.int(0)?, period, row.blob(3)?))
    })?;
    rows.into_iter()
        .map(|(number, period, sealed)| {
            let plain = call.unseal(person, "coverage", &[&number.to_be_bytes()], &sealed)?;
            let body: CoverageBody = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
            coverage(number, period, body).ok_or(BAD_BODY)
        })
        .collect()
}

fn days(period: &Period<JstDate>) -> Days {
    (
        period.from().to_string(),
        period.until().map(|day| day.to_string()),
    )
}

fn period((from, until): &Days) -> Option<Period<JstDate>> {
    let until = match until {
        Some(text) => Some(JstDate::parse(text)?),
        None => None,
    };
    Period::new(JstDate::parse(from)?, until)
}

fn body_of(coverage: &Coverage) -> CoverageBody {
    let certificate = |c: &CeilingCertificate| CeilingBody {
        k: c.kind.code().to_owned(),
        d: c.issued_on.to_string(),
        p: days(&c.period),
        l: c.long_term_from.map(|day| day.to_string()),
    };
    let elderly = |e: &ElderlyCertificate| ElderlyBody {
        d: e.issued_on.to_string(),
        p: days(&e.period),
        c: e.copay.get(),
    };
    let disease = |d: &SpecificDisease| DiseaseBody {
        k: d.kind.code().to_owned(),
        d: d.issued_on.to_string(),
        p: days(&d.period),
        y: d.self_pay.get(),
    };
    let ceiling = coverage.ceiling.as_ref();
    CoverageBody {
        i: coverage.insurer_number.as_str().to_owned(),
        m: coverage.insurer_name.clone(),
        s: coverage.symbol.as_str().to_owned(),
        n: coverage.person_number.as_str().to_owned(),
        b: coverage.branch.as_ref().map(|b| b.as_str().to_owned()),
        h: coverage.is_insured_person,
        c: coverage.copay.get(),
        l: ceiling.map(|c| c.class.code().to_owned()),
        k: coverage.card_kind.clone(),
        d: coverage.issued_on.to_string(),
        r: coverage.loss.map(|r| r.code().to_owned()),
        lc: ceiling
            .and_then(|c| c.certificate.as_ref())
            .map(certificate),
        e: coverage.elderly.as_ref().map(elderly),
        x: coverage.diseases.iter().map(disease).collect(),
        v: coverage.card_period.as_ref().map(days),
        o: coverage.insured_name.clone(),
        t: coverage.loaded_at.map(Timestamp::micros),
    }
}

/// What is there must make sense: `None` when any part of it does not.
fn all<T, U>(items: &[T], read: impl Fn(&T) -> Option<U>) -> Option<Vec<U>> {
    items.iter().map(read).collect()
}

/// `Some(None)` when it is absent, `None` when it makes no sense.
fn maybe<T, U>(item: Option<&T>, read: impl Fn(&T) -> Option<U>) -> Option<Option<U>> {
    item.map_or(Some(None), |item| read(item).map(Some))
}

fn certificate(body: &CeilingBody) -> Option<CeilingCertificate> {
    Some(CeilingCertificate {
        kind: CertificateKind::from_code(&body.k)?,
        issued_on: JstDate::parse(&body.d)?,
        period: period(&body.p)?,
        long_term_from: maybe(body.l.as_ref(), |day| JstDate::parse(day))?,
    })
}

fn ceiling(class: &str, body: Option<&CeilingBody>) -> Option<Ceiling> {
    Some(Ceiling {
        class: CeilingClass::from_code(class)?,
        certificate: maybe(body, certificate)?,
    })
}

fn elderly(body: &ElderlyBody) -> Option<ElderlyCertificate> {
    Some(ElderlyCertificate {
        issued_on: JstDate::parse(&body.d)?,
        period: period(&body.p)?,
        copay: CopayRate::tenths(body.c)?,
    })
}

fn disease(body: &DiseaseBody) -> Option<SpecificDisease> {
    Some(SpecificDisease {
        kind: DiseaseKind::from_code(&body.k)?,
        issued_on: JstDate::parse(&body.d)?,
        period: period(&body.p)?,
        self_pay: Yen::new(body.y),
    })
}

fn coverage(number: i64, period_: Period<JstDate>, body: CoverageBody) -> Option<Coverage> {
    Some(Coverage {
        number,
        period: period_,
        insurer_number: InsurerNumber::from_register(&body.i).ok()?,
        insurer_name: body.m,
        symbol: InsuredPersonSymbol::parse(&body.s).ok()?,
        person_number: InsuredPersonNumber::parse(&body.n).ok()?,
        branch: body.b.map(|b| BranchNumber::parse(&b)).transpose().ok()?,
        is_insured_person: body.h,
        copay: CopayRate::tenths(body.c)?,
        ceiling: maybe(body.l.as_ref(), |class| ceiling(class, body.lc.as_ref()))?,
        elderly: maybe(body.e.as_ref(), elderly)?,
        diseases: all(&body.x, disease)?,
        card_kind: body.k,
        issued_on: JstDate::parse(&body.d)?,
        card_period: maybe(body.v.as_ref(), period)?,
        insured_name: body.o,
        loss: maybe(body.r.as_ref(), |code| LossReason::from_code(code))?,
        loaded_at: body.t.map(Timestamp::from_micros),
    })
}

fn whole(coverage: &Coverage) -> Whole {
    Whole {
        n: coverage.number,
        p: days(&coverage.period),
        c: body_of(coverage),
    }
}

/// A coverage as text, with everything that is kept of it.
pub(crate) fn written(coverage: &Coverage) -> Result<String, StoreError> {
    serde_json::to_string(&whole(coverage)).map_err(|_| BAD_BODY)
}

/// What [`written`] wrote; `None` when any part of it makes no sense.
pub(crate) fn read(text: &str) -> Option<Coverage> {
    let whole: Whole = serde_json::from_str(text).ok()?;
    coverage(whole.n, period(&whole.p)?, whole.c)
}

/// Notes a change, with the coverage as it was and as it is.
pub(crate) fn put_change(
    call: &Call<'_>,
    person: PersonId,
    change: &CoverageChange,
) -> Result<(), StoreError> {
    let body = ChangeBody {
        b: change.before.as_ref().map(whole),
        a: whole(&change.after),
    };
    let plain = serde_json::to_vec(&body).map_err(|_| BAD_BODY)?;
    let key = change.number.to_be_bytes();
    let body = call.seal(person, "coverage_change", &[&key], &plain)?;
    call.execute(
        &PUT_CHANGE,
        &[
            person.as_bytes().into(),
            change.number.into(),
            change.at.into(),
            change.kind.code().into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

/// The number of a person's last change; 0 when there is none.
pub(crate) fn last_change(call: &Call<'_>, person: PersonId) -> Result<i64, StoreError> {
    let last = call.row(&LAST_CHANGE, &[person.as_bytes().into()], |row| row.int(0))?;
    Ok(last.unwrap_or(0))
}

/// What insurers did to an opened person's coverages, oldest first.
pub(crate) fn changes(
    call: &Call<'_>,
    person: PersonId,
) -> Result<Vec<CoverageChange>, StoreError> {
    let rows = call.rows(&CHANGES, &[person.as_bytes().into()], |row| {
        Ok((row.int(0)?, row.at(1)?, row.text(2)?, row.blob(3)?))
    })?;
    let read = |whole: Whole| coverage(whole.n, period(&whole.p)?, whole.c);
    rows.into_iter()
        .map(|(number, at, kind, sealed)| {
            let key = number.to_be_bytes();
            let plain = call.unseal(person, "coverage_change", &[&key], &sealed)?;
            let body: ChangeBody = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
            Ok(CoverageChange {
                number,
                at,
                kind: ChangeKind::from_code(&kind).ok_or(BAD_BODY)?,
                before: body.b.map(|b| read(b).ok_or(BAD_BODY)).transpose()?,
                after: read(body.a).ok_or(BAD_BODY)?,
            })
        })
        .collect()
}
