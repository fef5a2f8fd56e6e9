//! The proof of one record as a file: all that is needed to check, without this server, that
//! the record is in a signed seal.
//!
//! Source: RFC 6962 section 2.1 (leaf and node hashes), RFC 9162 section 2.1.3.2 (checking a
//! path), RFC 8032 (Ed25519).

use access::{
    history,
    policy::{Action, Class, Permission},
    proxy,
};
use kernel::{Refusal, Text, hex, id::PersonId};
use serde::Serialize;
use store::{
    archiving,
    audit::{Entry, GENESIS, Hash, Subject},
    caller::Purpose,
    seal,
};
use web::{Answer, Body, Face, Method, Request, Route, errors::NO_SUCH, handler};

use crate::{events, frame};

/// Routes of the proof.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route {
        method: Method::Get,
        path: "/portal/history/{seq}/proof",
        face: Face::Api,
        permission: Permission::OwnData,
        event: &events::PROOF,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary: Text {
            ja: "閲覧履歴の証明データ",
            en: "proof of one record of the own access history",
        },
        handler: handler!(download),
    }]
}

/// The file.
#[derive(Serialize)]
pub struct WireProof {
    format: &'static str,
    subject: String,
    subject_kind: u8,
    seq: i64,
    at: String,
    at_micros: i64,
    event: String,
    record_hash: String,
    record: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_hash: Option<String>,
    sealed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<WireSeal>,
    how_to_verify: WireText,
}

#[derive(Serialize)]
struct WireSeal {
    number: i64,
    sealed_at: String,
    sealed_at_micros: i64,
    leaf_index: usize,
    tree_size: usize,
    path: Vec<String>,
    root: String,
    signed_text: String,
    signature: String,
    public_key: String,
}

#[derive(Serialize)]
struct WireText {
    ja: &'static str,
    en: &'static str,
}

const SEALED: WireText = WireText {
    ja: "値はすべて16進数です。(0) record_hash = SHA-256(00 || subject_kind(1バイト) || subject || seq(8バイト) || at_micros(8バイト) || previous_hash || record)。record は暗号化された記録の本文です。数はビッグエンディアンです。(1) 葉 = SHA-256(00 || record_hash)。(2) 葉から path の値を順に合わせて根を求めます。節 = SHA-256(01 || 左 || 右)。左右は leaf_index と tree_size から RFC 9162 の 2.1.3.2 に従って決めます。(3) 求めた根が root と一致することを確かめます。(4) signed_text が「tasuki-seal-v1」に続けて、装置番号16バイト、封印番号、封印時刻(マイクロ秒)、件数(以上は各8バイト、ビッグエンディアン)、root、前の封印のハッシュ値(各32バイト)を並べたものであることを確かめます。「tasuki-seal-v2」で始まるときは、最後に最終記録の写像の根(32バイト)が加わります。(5) signature が signed_text に対する public_key の Ed25519 署名であることを確かめます。(6) public_key が、このサービスの運営者が公表している鍵と同じであることを確かめます。すべて合えば、この record_hash の記録は封印の時刻より前からあり、その後書き換えられていません。",
    en: "All values are hexadecimal. (0) record_hash = SHA-256(00 || subject_kind (1 byte) || subject || seq (8 bytes) || at_micros (8 bytes) || previous_hash || record), numbers big endian; record is the record's encrypted content. (1) leaf = SHA-256(00 || record_hash). (2) Fold the values of path into the leaf, from the first on: node = SHA-256(01 || left || right), sides from leaf_index and tree_size as in RFC 9162 section 2.1.3.2. (3) The result must equal root. (4) signed_text must be \"tasuki-seal-v1\" followed by installation id (16 bytes), seal number, seal time in microseconds, number of records (8 bytes each, big endian), root, hash of the previous seal (32 bytes each); a text that begins with \"tasuki-seal-v2\" ends with the root of the map of last records (32 bytes) besides. (5) signature must be public_key's Ed25519 signature over signed_text. (6) public_key must be the one that the operator of this service publishes. If all holds, the record with this hash was there before the time of the seal and has not been changed since.",
};
const WAITING: WireText = WireText {
    ja: "この記録はまだ封印されていません。ふつう1分ほどで封印されます。しばらくしてから、もう一度ダウンロードしてください。",
    en: "This record is not sealed yet, which takes about a minute. Please download the proof again shortly.",
};

/// The file's content; `previous` is the hash of the record before.
#[must_use]
pub fn wire(
    person: PersonId,
    entry: &Entry,
    previous: Option<&Hash>,
    proof: Option<&seal::Proof>,
) -> WireProof {
    WireProof {
        format: "tasuki-proof-v1",
        subject: person.to_hex(),
        subject_kind: Subject::Person(person).kind(),
        seq: entry.seq,
        at: entry.at.to_string(),
        at_micros: entry.at.micros(),
        event: entry.record.event.clone(),
        record_hash: hex::encode(&entry.hash),
        record: hex::encode(&entry.body),
        previous_hash: previous.map(|hash| hex::encode(hash)),
        sealed: proof.is_some(),
        seal: proof.map(|proof| WireSeal {
            number: proof.seal_number,
            sealed_at: proof.sealed_at.to_string(),
            sealed_at_micros: proof.sealed_at.micros(),
            leaf_index: proof.index,
            tree_size: proof.size,
            path: proof.path.iter().map(|hash| hex::encode(hash)).collect(),
            root: hex::encode(&proof.root),
            signed_text: hex::encode(&proof.signed_text),
            signature: hex::encode(&proof.signature),
            public_key: hex::encode(&proof.public_key),
        }),
        how_to_verify: if proof.is_some() { SEALED } else { WAITING },
    }
}

async fn download(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let seq: i64 = request
        .param("seq")
        .parse()
        .ok()
        .filter(|seq| *seq > 0)
        .ok_or_else(|| Refusal::new(&NO_SUCH))?;
    let (entry, previous, proof) = request
        .read(move |call| {
            proxy::require(call, Class::AccessHistory, Action::Read)?;
            let found = history::one(call, me, seq)?;
            let (entry, proof) = found.ok_or_else(|| Refusal::new(&NO_SUCH))?;
            let before = call.history(Subject::Person(me), seq, 1)?;
            let previous = match before.first() {
                Some(entry) if entry.seq == seq - 1 => Some(entry.hash),
                None if seq == 1 => Some(GENESIS),
                // The record before is in an archive; its hash stays.
                _ => archiving::archived(call, Subject::Person(me))?
                    .filter(|archived| archived.through.seq == seq - 1)
                    .map(|archived| archived.through.hash),
            };
            Ok((entry, previous, proof))
        })
        .await?;
    let file = wire(me, &entry, previous.as_ref(), proof.as_ref());
    Ok(Answer::json(200, &file).attachment(&format!("tasuki-proof-{seq}.json")))
}
