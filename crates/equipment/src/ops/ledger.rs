//! Registering, changing, checking off and ending what stands in the ledgers.
//!
//! Source: checklist 2025 2-①; identity-security ORG-01, OA-04.

use kernel::{
    Finding, Refusal,
    id::{FacilityId, TerminalId},
};
use store::{Call, Stop, StoreError};

use crate::{
    ca::{self, Issued},
    errors,
    model::{Certificate, Item, Kind, Particulars},
    store::item as table,
};

/// Most entries, and most certificates, of one facility that are listed.
pub const ITEMS_MAX: i64 = 2_000;

fn check_particulars(particulars: &Particulars) -> Result<(), Stop> {
    let faults = particulars.faults();
    if faults.is_empty() {
        return Ok(());
    }
    let findings = faults
        .into_iter()
        .map(|path| Finding {
            path: path.to_owned(),
            rule: errors::ITEM_INVALID.code.to_owned(),
            found: String::new(),
            remedy_ja: errors::ITEM_INVALID.remedy.ja.to_owned(),
            remedy_en: errors::ITEM_INVALID.remedy.en.to_owned(),
        })
        .collect();
    Err(Stop::Refused(Refusal::with(
        &errors::ITEM_INVALID,
        findings,
    )))
}

/// Registers an entry.
///
/// # Errors
/// [`errors::ITEM_INVALID`]; [`StoreError`].
pub fn register(
    call: &mut Call<'_>,
    facility: FacilityId,
    kind: Kind,
    particulars: &Particulars,
) -> Result<TerminalId, Stop> {
    check_particulars(particulars)?;
    let item = Item {
        id: TerminalId::random(call.rng()),
        kind,
        particulars: particulars.clone(),
        registered_at: call.at(),
        checked_at: None,
        ended_at: None,
    };
    table::put(call, facility, &item)?;
    note(call, item.id);
    call.detail("kind", kind.word());
    Ok(item.id)
}

/// An entry.
///
/// # Errors
/// [`errors::ITEM_UNKNOWN`]; [`StoreError`].
pub fn one(call: &Call<'_>, facility: FacilityId, id: TerminalId) -> Result<Item, Stop> {
    table::one(call, facility, id)?.ok_or_else(|| Stop::from(&errors::ITEM_UNKNOWN))
}

/// Every entry of a facility, the oldest first; at most [`ITEMS_MAX`].
///
/// # Errors
/// [`StoreError`].
pub fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Item>, StoreError> {
    table::list(call, facility, ITEMS_MAX)
}

/// Every certificate of a facility, the newest first; at most [`ITEMS_MAX`].
///
/// # Errors
/// [`StoreError`].
pub fn certificates(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Certificate>, StoreError> {
    table::certificates(call, facility, ITEMS_MAX)
}

fn in_use(call: &Call<'_>, facility: FacilityId, id: TerminalId) -> Result<Item, Stop> {
    let item = one(call, facility, id)?;
    if item.ended_at.is_some() {
        return Err(Stop::from(&errors::ITEM_ENDED));
    }
    Ok(item)
}

/// Changes what is written of an entry.
///
/// # Errors
/// [`errors::ITEM_UNKNOWN`], [`errors::ITEM_ENDED`], [`errors::ITEM_INVALID`]; [`StoreError`].
pub fn change(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: TerminalId,
    particulars: &Particulars,
) -> Result<(), Stop> {
    in_use(call, facility, id)?;
    check_particulars(particulars)?;
    table::change(call, facility, id, particulars)?;
    note(call, id);
    Ok(())
}

/// Notes that somebody looked: it is there and as written.
///
/// # Errors
/// [`errors::ITEM_UNKNOWN`], [`errors::ITEM_ENDED`]; [`StoreError`].
pub fn check_off(call: &mut Call<'_>, facility: FacilityId, id: TerminalId) -> Result<(), Stop> {
    in_use(call, facility, id)?;
    table::check(call, facility, id)?;
    note(call, id);
    Ok(())
}

/// Takes an entry out of use, with its certificates; the thumbprints that no longer hold.
///
/// # Errors
/// [`errors::ITEM_UNKNOWN`], [`errors::ITEM_ENDED`]; [`StoreError`].
pub fn end(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: TerminalId,
) -> Result<Vec<[u8; 32]>, Stop> {
    in_use(call, facility, id)?;
    table::end(call, facility, id)?;
    note(call, id);
    let at = call.at();
    let own = certificates(call, facility)?;
    let own = own.into_iter().filter(|c| c.item == id && c.holds(at));
    let mut ended = Vec::new();
    for certificate in own {
        end_one(call, facility, &certificate)?;
        ended.push(certificate.thumbprint);
    }
    Ok(ended)
}

/// Issues a client certificate for a terminal or server from its request (PKCS#10, PEM).
///
/// # Errors
/// [`errors::ITEM_UNKNOWN`], [`errors::ITEM_ENDED`], [`errors::ITEM_WITHOUT_CERTIFICATE`],
/// [`errors::REQUEST_INVALID`]; [`StoreError`].
pub fn certify(
    call: &mut Call<'_>,
    facility: FacilityId,
    facility_code: &str,
    id: TerminalId,
    request_pem: &str,
) -> Result<Issued, Stop> {
    let item = in_use(call, facility, id)?;
    if !item.kind.has_certificates() {
        return Err(Stop::from(&errors::ITEM_WITHOUT_CERTIFICATE));
    }
    let label = &item.particulars.label;
    let issued = ca::issue_client(call, facility_code, label, request_pem)?;
    ca::note(call, facility, id, item.kind.word(), label, &issued)?;
    note(call, id);
    Ok(issued)
}

/// Ends a certificate: the next request with it is refused. Its thumbprint, which the gate
/// must forget.
///
/// # Errors
/// [`errors::CERTIFICATE_UNKNOWN`]; [`StoreError`].
pub fn end_certificate(
    call: &mut Call<'_>,
    facility: FacilityId,
    serial: &[u8; 16],
) -> Result<[u8; 32], Stop> {
    let at = call.at();
    let found = certificates(call, facility)?
        .into_iter()
        .find(|c| c.serial == *serial && c.holds(at));
    let Some(certificate) = found else {
        return Err(Stop::from(&errors::CERTIFICATE_UNKNOWN));
    };
    end_one(call, facility, &certificate)?;
    note(call, certificate.item);
    call.detail("certificate", kernel::hex::encode(serial));
    Ok(certificate.thumbprint)
}

fn end_one(
    call: &Call<'_>,
    facility: FacilityId,
    certificate: &Certificate,
) -> Result<(), StoreError> {
    table::end_certificate(call, facility, &certificate.serial, call.at())?;
    access::terminal::end(call, &certificate.thumbprint)?;
    Ok(())
}

fn note(call: &mut Call<'_>, id: TerminalId) {
    call.detail("equipment", id.to_hex());
}
