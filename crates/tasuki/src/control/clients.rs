//! An operator registers, lists and ends a facility's systems.
//!
//! Source: identity-security OA-09.

use access::{Gate, client};
use anyhow::{Context, anyhow, ensure};
use eligibility::snapshot::{self, paper::Recipient};
use kernel::{
    Refusal,
    code::FacilityCode,
    id::{ClientId, FacilityId},
};
use oauth::{
    pages::clients::{END, REGISTER},
    registration::{self, Written},
};
use registry::ops as people;
use serde::{Deserialize, Serialize};
use store::caller::Event;

use super::{Tell, refused};

static COPY: Event = Event {
    code: "eligibility.allow-copy",
    ja: "回線が切れたときのための控えの許可",
    en: "a system allowed to keep a copy for cut lines",
};

/// A facility by its ten-digit code, or its identifier.
pub(crate) fn facility(gate: &Gate, text: &str) -> anyhow::Result<FacilityId> {
    let (code, id) = (
        FacilityCode::from_register(text).ok(),
        FacilityId::parse(text),
    );
    let found = gate.look_up(move |call| {
        Ok(match (&code, id) {
            (Some(code), _) => people::facility_by_code(call, code)?,
            (None, Some(id)) => people::facility_by_id(call, id)?,
            (None, None) => None,
        })
    });
    let found = found.wait().map_err(refused)?;
    let found = found.context("この医療機関は登録されていません / no such facility")?;
    Ok(found.id)
}

fn words(refusal: &Refusal) -> anyhow::Error {
    let place = refusal.findings.first();
    let place = place.map_or(String::new(), |f| format!(" ({}: {})", f.path, f.found));
    anyhow!(
        "{} / {}{place}",
        refusal.entry.remedy.ja,
        refusal.entry.remedy.en
    )
}

pub(super) fn add(
    gate: &Gate,
    of: &str,
    written: &Written<'_>,
    tell: Tell<'_>,
) -> anyhow::Result<()> {
    let facility = facility(gate, of)?;
    let (terms, key) = registration::read(written, gate.now()).map_err(|why| words(&why))?;
    let intent = gate.job_intent("operator", &REGISTER);
    let made = gate.write(intent, move |call| {
        let key = key.as_ref().map(|(key, ends_at)| (key, *ends_at));
        client::register(call, facility, &terms, key)
    });
    let client = made.wait().map_err(refused)?;
    let id = client.id.to_hex();
    tell(
        &format!("登録しました。client_id: {id}"),
        &format!("registered; client_id: {id}"),
    );
    Ok(())
}

pub(super) fn list(gate: &Gate, of: &str, tell: Tell<'_>) -> anyhow::Result<()> {
    let (facility, at) = (facility(gate, of)?, gate.now());
    let clients = gate.look_up(move |call| Ok(client::list(call, facility)?));
    for (client, keys) in clients.wait().map_err(refused)? {
        let held = keys.iter().filter(|key| key.holds(at));
        let held: Vec<String> = held
            .map(|key| format!("{} → {}", key.public.kid(), key.ends_at.jst_date()))
            .collect();
        let (id, terms, holds) = (client.id.to_hex(), &client.terms, client.holds(at));
        let (ja, en) = if holds {
            ("利用中", "in use")
        } else {
            ("終了", "ended")
        };
        let rest = format!("{} [{}] {}", terms.name, terms.scopes, held.join(", "));
        tell(&format!("{id} {ja} {rest}"), &format!("{id} {en} {rest}"));
    }
    Ok(())
}

/// Which system may keep copies, under which key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// The facility's code or identifier.
    pub facility: String,
    /// The `client_id`.
    pub client: String,
    /// The key to which copies are encrypted, `age1…`.
    pub recipient: String,
}

pub(super) fn copy(gate: &Gate, asked: &Copy, tell: Tell<'_>) -> anyhow::Result<()> {
    let facility = facility(gate, &asked.facility)?;
    let id = ClientId::parse(&asked.client).context("a client_id is 32 hexadecimal digits")?;
    let recipient = Recipient::parse(&asked.recipient)
        .ok_or_else(|| words(&Refusal::new(&snapshot::errors::RECIPIENT)))?;
    let at = gate.now();
    let clients = gate.look_up(move |call| Ok(client::list(call, facility)?));
    let clients = clients.wait().map_err(refused)?;
    ensure!(
        clients
            .iter()
            .any(|(client, _)| client.id == id && client.holds(at)),
        "この施設の利用中のシステムではありません / no such client of this facility in use"
    );
    let intent = gate.job_intent("operator", &COPY);
    let allowed = gate.write(intent, move |call| {
        snapshot::ops::allow(call, facility, id, &recipient)
    });
    allowed.wait().map_err(refused)?;
    let key = kernel::hex::encode(&gate.seal_key());
    tell(
        &format!("控えを受け取れるようにしました。platform_key: {key}"),
        &format!("the system may keep a copy; platform_key: {key}"),
    );
    Ok(())
}

pub(super) fn end(gate: &Gate, of: &str, id: &str) -> anyhow::Result<()> {
    let facility = facility(gate, of)?;
    let id = ClientId::parse(id).context("a client_id is 32 hexadecimal digits")?;
    let intent = gate.job_intent("operator", &END);
    let ended = gate.write(intent, move |call| Ok(client::end(call, facility, id)?));
    let ended = ended.wait().map_err(refused)?;
    gate.forget_tokens();
    anyhow::ensure!(
        ended,
        "登録がないか、すでに終了しています / no such client, or it had ended"
    );
    Ok(())
}
