//! A check at the counter: by the platform while the line holds, else from the copy, noted.

use eligibility::{
    rules as judging,
    snapshot::{
        model::{ActId, Patient},
        rules::{Age, judge_age},
        shown::Shown,
    },
};
use kernel::{Entry, id::FacilityId, time::Timestamp};
use registry::model::{Coverage, InsuredKey};
use store::{Call, Stop, audit::sha256};

use super::{NUMBER_WAY, name_way};
use crate::{
    Upstream, errors,
    line::{Cut, Heard},
    model::{About, Act, Asked, Held, Offline, to_wire},
    rules, store as table,
};

/// A household that shares one number is never larger.
const SAME_MAX: i64 = 32;
const PATH: &str = "/api/v1/eligibility/checks";

/// Asks the platform about a number.
///
/// # Errors
/// [`Cut`].
pub fn ask_platform(upstream: &Upstream, key: &InsuredKey, at: Timestamp) -> Result<Heard, Cut> {
    let number = to_wire(key);
    let mut body = serde_json::json!({
        "insurer_number": number.insurer_number,
        "symbol": number.symbol,
        "number": number.number,
    });
    if let Some(body) = body.as_object_mut() {
        for (name, value) in [("branch", number.branch), ("birth_date", number.birth_date)] {
            if !value.is_empty() {
                body.insert(name.to_owned(), value.into());
            }
        }
    }
    upstream.post(PATH, body.to_string().as_bytes(), at)
}

/// The number under which the platform is asked about an own patient by name.
///
/// # Errors
/// `TSK-OFF-025`, `TSK-OFF-026`; the store's.
pub fn own_number(
    call: &mut Call<'_>,
    facility: FacilityId,
    asked: &Asked,
) -> Result<InsuredKey, Stop> {
    let patient = match asked {
        Asked::Number(key) => return Ok(key.clone()),
        Asked::Name { .. } => find(call, facility, asked)?,
    };
    patient
        .and_then(|patient| rules::newest_key(&patient))
        .ok_or_else(|| Stop::from(&errors::NAME_NOT_HELD))
}

/// Who in the copy is asked about.
fn find(call: &Call<'_>, facility: FacilityId, asked: &Asked) -> Result<Option<Patient>, Stop> {
    match asked {
        Asked::Number(key) => {
            let parts = [
                key.insurer_number.as_str(),
                key.symbol.as_str(),
                key.person_number.as_str(),
            ];
            let way = call.directory_key(NUMBER_WAY, &parts);
            let patients = table::by_way(call, facility, &way, SAME_MAX)?;
            Ok(rules::pick(patients, key)?)
        }
        Asked::Name { kana, birth } => {
            let way = name_way(call, kana, *birth);
            let mut patients = table::by_way(call, facility, &way, SAME_MAX)?;
            match patients.len() {
                0 => Err(Stop::from(&errors::NAME_NOT_HELD)),
                1 => Ok(patients.pop()),
                _ => Err(Stop::from(&errors::NAME_SEVERAL)),
            }
        }
    }
}

/// Answers from the copy and notes it. A number about which the copy says nothing is noted as
/// well, and verified when the line is back. `form` is the key of the form that was sent: sent
/// twice, it is one act.
///
/// # Errors
/// `TSK-ELG-002` to `TSK-ELG-004`, `TSK-OFF-025`, `TSK-OFF-026`; by name also `TSK-CPY-015`,
/// `TSK-CPY-016`, `TSK-OFF-023`; the store's.
pub fn without_platform(
    call: &mut Call<'_>,
    facility: FacilityId,
    asked: &Asked,
    form: &str,
) -> Result<Offline, Stop> {
    call.detail("answered", "copy");
    let held = table::held(call, facility)?;
    let usable = usable(held.as_ref(), call.at());
    let (patient, judged) = match (usable, asked) {
        (Ok(()), _) => {
            let patient = find(call, facility, asked)?;
            let judged = patient.as_ref().map_or_else(
                || Err(&errors::NUMBER_NOT_HELD),
                |patient| judge(patient, asked, call.at()),
            );
            (patient, judged)
        }
        (Err(entry), Asked::Number(_)) => (None, Err(entry)),
        (Err(entry), Asked::Name { .. }) => return Err(Stop::from(entry)),
    };
    let about = match (&patient, asked) {
        (Some(patient), _) => About::Patient(patient.reference),
        (None, Asked::Number(key)) => About::Number(to_wire(key)),
        (None, Asked::Name { .. }) => return Err(Stop::from(&errors::NAME_NOT_HELD)),
    };
    let shown = patient.as_ref().map_or_else(Shown::default, |patient| {
        let judged = judged.as_ref().map_err(|entry| *entry);
        Shown::of(judged, patient.birth, call.at().jst_date())
    });
    let act = Act {
        id: key_of(form, asked),
        at: call.at(),
        by: call.caller().name().to_owned(),
        about,
        name: patient
            .as_ref()
            .map_or_else(String::new, |one| one.name.clone()),
        shown,
    };
    call.detail("act", act.id.to_hex());
    table::put_act(call, facility, &act)?;
    Ok(Offline {
        held,
        patient,
        judged,
    })
}

/// The key of an act: of the form that was sent and what stood in it, so that a form that was
/// changed and sent again is another act.
fn key_of(form: &str, asked: &Asked) -> ActId {
    let hash = sha256(&[form.as_bytes(), b"\n", asked.text().as_bytes()]);
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(hash) {
        *to = from;
    }
    ActId::from_bytes(short)
}

fn usable(held: Option<&Held>, at: Timestamp) -> Result<(), &'static Entry> {
    use eligibility::snapshot::errors as no;
    let held = held.ok_or(&errors::NO_COPY)?;
    match judge_age(held.made_at, held.good_until, at) {
        Age::Good { .. } => Ok(()),
        Age::Expired => Err(&no::EXPIRED),
        Age::Ahead => Err(&no::CLOCK),
    }
}

fn judge(patient: &Patient, asked: &Asked, at: Timestamp) -> Result<Coverage, &'static Entry> {
    let claimed = match asked {
        Asked::Number(key) => Some(key),
        Asked::Name { .. } => None,
    };
    judging::judge(&patient.coverages, claimed, at.jst_date()).cloned()
}
