//! What the operator asks of the certificate authority and of the settings, carried out by
//! whoever has the store open.
//!
//! A certificate travels as a line of its own; a private key never does: whoever asks makes
//! it and sends a request (PKCS#10).

use access::Gate;
use anyhow::Context;
use equipment::{
    ca,
    model::{Kind, Officer, Particulars},
    ops::{self, ledger},
};
use kernel::code::FacilityCode;
use serde::{Deserialize, Serialize};
use store::{Call, Stop, caller::Event};

use crate::control::{Tell, refused};

static AUTHORITY: Event = Event {
    code: "equipment.authority",
    ja: "認証局と証明書の操作(運用担当者)",
    en: "certificates handled by the operator",
};
static SETTINGS: Event = Event {
    code: "equipment.settings",
    ja: "安全管理責任者の登録(運用担当者)",
    en: "safety officer named by the operator",
};

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// The root certificate, made if need be.
    Init {},
    /// A certificate of this server.
    Server {
        /// Host name or address.
        name: String,
        /// The request, PEM.
        request: String,
    },
    /// A certificate of a facility's terminal or server, which is registered with it.
    Issue {
        /// The facility's code.
        facility: String,
        /// `terminal` or `server`.
        kind: String,
        /// Its name.
        label: String,
        /// Who is responsible for it.
        responsible: String,
        /// The request, PEM.
        request: String,
    },
    /// A facility's certificates.
    List {
        /// The facility's code.
        facility: String,
    },
    /// An end to a facility's certificate.
    End {
        /// The facility's code.
        facility: String,
        /// The certificate's serial number, 32 hexadecimal digits.
        serial: String,
    },
    /// A safety officer: of the installation, or of one facility.
    Officer {
        /// Their name.
        name: String,
        /// How they are reached.
        contact: String,
        /// The facility's code.
        facility: Option<String>,
    },
}

fn home(call: &Call<'_>, code: &str) -> Result<registry::model::Facility, Stop> {
    let found = match FacilityCode::from_register(code) {
        Ok(code) => registry::ops::facility_by_code(call, &code)?,
        Err(_) => None,
    };
    found.ok_or_else(|| Stop::from(&equipment::errors::FACILITY_UNKNOWN))
}

/// Writes as the operator.
fn write<T, F>(gate: &Gate, event: &'static Event, op: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    let intent = gate.job_intent("operator", event);
    gate.write(intent, op).wait().map_err(refused)
}

/// Carries it out.
///
/// # Errors
/// Why it could not be done.
pub fn perform(gate: &Gate, asked: &Asked, tell: Tell<'_>) -> anyhow::Result<()> {
    match asked {
        Asked::Init {} => {
            tell(&write(gate, &AUTHORITY, ca::init)?, "");
        }
        Asked::Server { name, request } => {
            let (name, request) = (name.clone(), request.clone());
            let issue = move |call: &mut Call<'_>| ca::issue_server(call, &name, &request);
            tell(&write(gate, &AUTHORITY, issue)?.pem, "");
        }
        Asked::Issue { .. } => issue(gate, asked, tell)?,
        Asked::List { facility } => list(gate, facility, tell)?,
        Asked::End { facility, serial } => end(gate, facility, serial, tell)?,
        Asked::Officer {
            name,
            contact,
            facility,
        } => {
            let officer = Officer {
                name: name.clone(),
                contact: contact.clone(),
            };
            let facility = facility.clone();
            write(gate, &SETTINGS, move |call| match &facility {
                None => ops::name_officer(call, &officer),
                Some(code) => {
                    let home = home(call, code)?;
                    call.concerns(home.id);
                    ops::name_officer_of(call, home.id, &officer)
                }
            })?;
            tell(
                &format!("安全管理責任者を登録しました: {name}"),
                &format!("the safety officer is named: {name}"),
            );
        }
    }
    Ok(())
}

fn issue(gate: &Gate, asked: &Asked, tell: Tell<'_>) -> anyhow::Result<()> {
    let Asked::Issue {
        facility,
        kind,
        label,
        responsible,
        request,
    } = asked
    else {
        return Ok(());
    };
    let kind = Kind::parse(kind).context("the kind is terminal or server")?;
    let (facility, request) = (facility.clone(), request.clone());
    let particulars = Particulars {
        label: label.clone(),
        responsible: responsible.clone(),
        ..Particulars::default()
    };
    let issued = write(gate, &AUTHORITY, move |call| {
        let home = home(call, &facility)?;
        call.concerns(home.id);
        let item = ledger::register(call, home.id, kind, &particulars)?;
        ledger::certify(call, home.id, home.code.as_str(), item, &request)
    })?;
    tell(&issued.pem, "");
    let serial = kernel::hex::encode(&issued.serial);
    tell(
        &format!("証明書を発行しました。番号 {serial}"),
        &format!("issued; serial number {serial}"),
    );
    Ok(())
}

fn list(gate: &Gate, facility: &str, tell: Tell<'_>) -> anyhow::Result<()> {
    let code = facility.to_owned();
    let (items, certificates) = write(gate, &AUTHORITY, move |call| {
        let home = home(call, &code)?;
        call.concerns(home.id);
        Ok((
            ledger::list(call, home.id)?,
            ledger::certificates(call, home.id)?,
        ))
    })?;
    for certificate in certificates {
        let item = items.iter().find(|item| item.id == certificate.item);
        let label = item.map_or("", |item| item.particulars.label.as_str());
        let serial = kernel::hex::encode(&certificate.serial);
        let until = certificate.ends_at.jst_date();
        let (ja, en) = match (certificate.ended_at, certificate.holds(gate.now())) {
            (Some(_), _) => ("失効", "ended"),
            (None, true) => ("有効", "holds"),
            (None, false) => ("期限切れ", "run out"),
        };
        tell(
            &format!("{serial} {label} {until} まで {ja}"),
            &format!("{serial} {label} until {until}: {en}"),
        );
    }
    Ok(())
}

fn end(gate: &Gate, facility: &str, serial: &str, tell: Tell<'_>) -> anyhow::Result<()> {
    let code = facility.to_owned();
    let number: [u8; 16] =
        kernel::hex::decode_array(serial).context("a serial number is 32 hexadecimal digits")?;
    let thumbprint = write(gate, &AUTHORITY, move |call| {
        let home = home(call, &code)?;
        call.concerns(home.id);
        ledger::end_certificate(call, home.id, &number)
    })?;
    gate.forget_terminal(&thumbprint);
    tell(
        &format!("証明書 {serial} を失効させました。次の通信から使えません。"),
        &format!("certificate {serial} has ended: the next request with it is refused"),
    );
    Ok(())
}
