//! What the authority of My Number cards (J-LIS) tells: to whom a certificate was issued, and
//! which new one took the place of which old one.
//!
//! There is no line to that authority here; an operator enters what it has told. A notice opens
//! no door by itself: whoever shows the certificate is checked as ever, and it stands for an
//! insurance card only when its holder has registered it.
//!
//! Source: identity-security 1.4 (history of certificates; correspondence of old and new).

use access::Gate;
use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::id::PersonId;
use registry::{model::Medium, ops as people};
use serde::{Deserialize, Serialize};
use signing::path::{self, Named};
use store::caller::Event;

use crate::control::{Tell, refused};

static ISSUED: Event = Event {
    code: "certificate.issued",
    ja: "電子証明書の発行の通知",
    en: "certificate issued, as its authority tells",
};
static RENEWED: Event = Event {
    code: "certificate.renewed",
    ja: "電子証明書の更新の通知",
    en: "certificate renewed, as its authority tells",
};

/// What is told; people are 32 hexadecimal digits, certificates DER in base64.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Told {
    /// A card was issued.
    Issued {
        /// To whom.
        person: String,
        /// Its certificate.
        certificate: String,
    },
    /// A card's certificate was renewed.
    Renewed {
        /// Whose.
        person: String,
        /// The one before.
        old: String,
        /// The one from now on.
        new: String,
    },
}

fn person(text: &str) -> anyhow::Result<PersonId> {
    PersonId::parse(text)
        .context("個人は32けたの16進数で指定します / a person is 32 hexadecimal digits")
}

/// A card's certificate: phones are enrolled by their holders.
fn card(text: &str) -> anyhow::Result<(Named, Medium)> {
    let der = STANDARD.decode(text).ok();
    let named = der.as_deref().and_then(path::named_by);
    let named = named.context(
        "利用者証明用電子証明書(DER)ではありません / not a user-authentication certificate (DER)",
    )?;
    let medium = match named.medium {
        path::Medium::Card => Medium::Card,
        path::Medium::Next => Medium::Next,
        path::Medium::Android | path::Medium::Iphone => bail!(
            "スマートフォンは、ご本人がご自分のページで登録します / a phone is enrolled by its holder in the portal"
        ),
    };
    Ok((named, medium))
}

/// Does what is told.
///
/// # Errors
/// Why it could not be done.
pub fn perform(gate: &Gate, told: &Told, tell: Tell<'_>) -> anyhow::Result<()> {
    match told {
        Told::Issued {
            person: whose,
            certificate,
        } => {
            let (whose, (named, medium)) = (person(whose)?, card(certificate)?);
            let intent = gate.job_intent("operator", &ISSUED);
            let done = gate.write(intent, move |call| {
                people::note_issued(call, whose, named.card_key.reveal(), medium)
            });
            if !done.wait().map_err(refused)? {
                bail!("この証明書は、すでに登録されています / the certificate is known already");
            }
            tell(
                "登録しました。ご本人が利用登録をすると、保険証として使えます。",
                "noted: it stands for an insurance card once its holder has registered it",
            );
        }
        Told::Renewed {
            person: whose,
            old,
            new,
        } => {
            let (whose, old, new) = (person(whose)?, card(old)?.0, card(new)?.0);
            let intent = gate.job_intent("operator", &RENEWED);
            let done = gate.write(intent, move |call| {
                let keys = (old.card_key.reveal(), new.card_key.reveal());
                people::renew_card(call, whose, (keys.0, keys.1))
            });
            if !done.wait().map_err(refused)? {
                bail!(
                    "古い証明書がこの方のものでないか、新しい証明書がすでに登録されています / the old certificate is not this person's, or the new one is known already"
                );
            }
            tell(
                "新しい証明書に替えました。古い証明書は使えません。",
                "renewed: the old certificate leads nowhere any more",
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use kernel::time::JstDate;
    use registry::{model::Shown, ops as people};
    use signing::{path::named_by, testpki::Phone};
    use testkit::{World, population::demo, seed};

    use super::{Told, perform};
    use crate::control::Request;

    #[test]
    fn an_authoritys_notices_lead_a_card_and_its_renewal_to_their_holder() {
        let world = World::new(Vec::new());
        let today = JstDate::parse("2026-11-22").expect("a day");
        let holder = world.person(&demo::patient(today));
        let (old, new) = (world.card(1), world.card(2));
        let base64 = |der: &[u8]| STANDARD.encode(der);
        let gate = &world.app.gate;
        let issued = Told::Issued {
            person: holder.to_hex(),
            certificate: base64(&old.certificate_der),
        };
        let text = serde_json::to_string(&Request::Notice { told: issued }).expect("JSON");
        let Ok(Request::Notice { told: issued }) = serde_json::from_str(&text) else {
            panic!("another request: {text}");
        };
        perform(gate, &issued, &mut |_, _| {}).expect("noted");
        assert!(perform(gate, &issued, &mut |_, _| {}).is_err());
        assert!(world.set_up(move |call| people::register_use(call, holder)));
        let renewed = Told::Renewed {
            person: holder.to_hex(),
            old: base64(&old.certificate_der),
            new: base64(&new.certificate_der),
        };
        perform(gate, &renewed, &mut |_, _| {}).expect("renewed");
        assert!(perform(gate, &renewed, &mut |_, _| {}).is_err());
        let shown = |der: &[u8]| {
            let key = named_by(der).expect("a certificate").card_key;
            world.set_up(move |call| Ok(people::show_card(call, key.reveal())?))
        };
        assert!(shown(&old.certificate_der) == Shown::Ended);
        assert!(shown(&new.certificate_der) == Shown::InUse(holder));
    }

    #[test]
    fn what_is_no_cards_certificate_is_not_noted() {
        let world = World::new(Vec::new());
        let today = JstDate::parse("2026-11-22").expect("a day");
        let person = world.person(&demo::patient(today)).to_hex();
        let (from, until) = seed::card_validity(world.app.gate.now());
        let phone = world.pki.phone_for(Phone::Android, 1, from, until);
        let phone = phone.expect("a phone").certificate_der;
        for certificate in ["", "***", "AAAA", &STANDARD.encode(phone)] {
            let told = Told::Issued {
                person: person.clone(),
                certificate: certificate.to_owned(),
            };
            let done = perform(&world.app.gate, &told, &mut |_, _| {});
            assert!(done.is_err(), "{certificate}");
        }
    }
}
