//! What the counter of the clinic needs to try real readers: the next card and phones in some
//! pockets, and a card terminal that stands in the clinic's ledger.

use access::{Gate, terminal};
use anyhow::Context;
use equipment::{
    model::{Kind, Particulars},
    ops::ledger,
};
use kernel::{id::PersonId, time::Timestamp};
use registry::{
    model::Medium,
    ops::{self as people, NewPhone},
};
use signing::{
    key::Algorithm,
    reader::TerminalProof,
    testpki::{CardCredential, Phone, TestPki},
};
use store::{Stop, StoreError, audit::sha256, caller::Home};
use testkit::seed;

use super::write;

/// The number of a next card (次期個人番号カード), which somebody of the town has as well.
pub const NEXT_CARD: u64 = 2_000_001;
/// The number of somebody's Android phone.
pub const ANDROID: u64 = 2_000_002;
/// The number of somebody's iPhone.
pub const IPHONE: u64 = 2_000_003;
/// Under which number the test authority knows the terminal's own key.
const TERMINAL: u64 = 2_000_004;

/// The clinic's card terminal with its own key: made from nothing but the day, so that
/// `tasuki terminal` on the same day is the one that the ledger knows.
pub struct Ledgered(CardCredential);

impl Ledgered {
    /// The terminal of that day.
    ///
    /// # Errors
    /// When the test authority cannot issue its certificate.
    pub fn on(pki: &TestPki, at: Timestamp) -> anyhow::Result<Self> {
        let (from, until) = seed::card_validity(at);
        Ok(Self(pki.card_for(TERMINAL, from, until)?))
    }
}

impl TerminalProof for Ledgered {
    fn certificate(&self) -> &[u8] {
        &self.0.certificate_der
    }

    fn sign(&self, challenge: &[u8]) -> Option<Vec<u8>> {
        self.0.sign(Algorithm::RsaPkcs1Sha256, challenge).ok()
    }
}

/// Hands it all out.
///
/// # Errors
/// The store's, or the test authority's.
pub(super) fn furnish(
    gate: &Gate,
    pki: &TestPki,
    clinic: &Home,
    cards: &[(u64, PersonId)],
) -> anyhow::Result<()> {
    let now = gate.now();
    let (anchors, crls) = (pki.trust_store()?, pki.crl_store(now, &[])?);
    let mut people_here = cards.iter().map(|(_, person)| *person);
    if let Some(person) = people_here.next() {
        let key = seed::next_card_key(pki, &anchors, &crls, NEXT_CARD, now)?
            .context("the next card does not verify")?;
        write(gate, &seed::CARD, move |call| {
            people::register_card(call, person, key.reveal())
        })?;
    }
    let phones = [
        (Phone::Android, Medium::Android, ANDROID),
        (Phone::Iphone, Medium::Iphone, IPHONE),
    ];
    for ((phone, medium, number), person) in phones.into_iter().zip(people_here) {
        let key = seed::phone_key(pki, &anchors, &crls, phone, number, now)?
            .context("a phone does not verify")?;
        let phone = NewPhone {
            card_key: key,
            medium,
            label: "デモのスマートフォン".to_owned(),
            replaces: false,
        };
        write(gate, &seed::CARD, move |call| {
            people::enroll_phone(call, person, &phone).map(|_| ())
        })?;
    }
    stand_terminal(gate, pki, clinic)
}

fn stand_terminal(gate: &Gate, pki: &TestPki, clinic: &Home) -> anyhow::Result<()> {
    let terminal = Ledgered::on(pki, gate.now())?;
    let thumbprint = sha256(&[terminal.certificate()]);
    let (_, ends_at) = seed::card_validity(gate.now());
    let facility = clinic.id;
    let particulars = Particulars {
        label: "受付のカードリーダー".to_owned(),
        place: "1階受付".to_owned(),
        responsible: "事務長".to_owned(),
        purpose: "資格確認".to_owned(),
        ..Particulars::default()
    };
    write(gate, &seed::SET_UP, move |call| {
        let kind = Kind::Terminal;
        let id = ledger::register(call, facility, kind, &particulars)?;
        let terminal = terminal::Terminal {
            id,
            facility,
            kind: kind.word().to_owned(),
            label: particulars.label.clone(),
            ends_at,
            ended_at: None,
        };
        terminal::register(call, &thumbprint, &terminal)
            .map_err(|error: StoreError| Stop::from(error))
    })
}
