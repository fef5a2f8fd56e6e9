//! Passkeys, answered by a small authenticator written here: registration, log-in, and every
//! way in which an answer may be somebody else's or of another time.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{login::*, *};

const HOST: &str = "tasuki.test";

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// A key in somebody's phone.
struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    counter: u32,
    /// What the browser says of where it is.
    origin: String,
    host: String,
    verified: bool,
}

impl Authenticator {
    fn new(name: u8) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"),
            id: vec![name; 20],
            counter: 0,
            origin: testkit::world::ORIGIN.to_owned(),
            host: HOST.to_owned(),
            verified: true,
        }
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        let data = json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false});
        data.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verified { 0x04 } else { 0 };
        let mut data = sha256(self.host.as_bytes());
        data.push(0x01 | verified | flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    /// What `navigator.credentials.create` gives, as our page sends it.
    fn create(&self, challenge: &str) -> String {
        let mut data = self.data(0x40);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&[0, 20]);
        data.extend_from_slice(&self.id);
        // COSE: an EC2 key (1: 2) for ES256 (3: -7) on P-256 (-1: 1), x and y.
        let point = self.key.public_key().as_ref();
        data.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend_from_slice(&point[1..33]);
        data.extend_from_slice(&[0x22, 0x58, 0x20]);
        data.extend_from_slice(&point[33..65]);
        let mut object = vec![0xa3, 0x63];
        object.extend_from_slice(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend_from_slice(&data);
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "extensions": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(self.client_data("webauthn.create", challenge)),
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
            },
        })
        .to_string()
    }

    /// What `navigator.credentials.get` gives.
    fn get(&mut self, challenge: &str) -> String {
        self.counter += 1;
        let data = self.data(0);
        let client = self.client_data("webauthn.get", challenge);
        let mut signed = data.clone();
        signed.extend_from_slice(&sha256(&client));
        let signature = self
            .key
            .sign(&SystemRandom::new(), &signed)
            .expect("a signature");
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "extensions": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
                "userHandle": null,
            },
        })
        .to_string()
    }
}

fn challenge(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let challenge = reply.json()["publicKey"]["challenge"]
        .as_str()
        .map(str::to_owned);
    challenge.expect("a challenge")
}

fn add(place: &Place, who: &As, authenticator: &Authenticator) -> Reply {
    let options = place
        .world
        .submit(who, "/account/factors/passkey/options", &[]);
    let answer = authenticator.create(&challenge(&options));
    let fields = [("passkey", answer.as_str()), ("label", "電話")];
    place.world.submit(who, "/account/factors/passkey", &fields)
}

/// A doctor with a password and a passkey, logged in by code.
fn enrolled() -> (Place, Authenticator) {
    let place = hired();
    let half = waiting(&place);
    let full = As::Browser(token(&second(&place, &half, &code(&place, 0))));
    let authenticator = Authenticator::new(1);
    let added = add(&place, &full, &authenticator);
    assert_eq!(
        (added.status, added.header("location")),
        (303, "/account"),
        "{}",
        added.text()
    );
    let page = place
        .world
        .get(&As::Browser(token(&added)), "/account")
        .text();
    assert!(page.contains("電話") && page.contains("パスキー"));
    (place, authenticator)
}

fn ask(place: &Place, half: &str) -> String {
    let who = As::Browser(half.to_owned());
    challenge(&place.world.submit(&who, "/passkey/options", &[]))
}

fn show(place: &Place, half: &str, answer: &str) -> Reply {
    let who = As::Browser(half.to_owned());
    place
        .world
        .submit(&who, "/login/code", &[("passkey", answer)])
}

#[test]
fn a_passkey_is_a_second_factor() {
    let (place, mut key) = enrolled();
    for _ in 0..2 {
        let half = waiting(&place);
        let page = place
            .world
            .get(&As::Browser(half.clone()), "/login/code")
            .text();
        assert!(page.contains("id=\"passkey-form\"") && page.contains("id=\"passkey-button\""));
        let answer = key.get(&ask(&place, &half));
        let (reply, records) = place.records_of(|_| show(&place, &half, &answer));
        assert_eq!((reply.status, records), (303, 1), "{}", reply.text());
        let full = As::Browser(token(&reply));
        assert_eq!(place.world.get(&full, "/").text(), "doctor");
    }
}

/// Whatever is wrong with the answer: the same refusal, no session, and it counts.
fn refused(change: impl FnOnce(&Place, &mut Authenticator, &str) -> String) {
    let (place, mut key) = enrolled();
    let half = waiting(&place);
    let answer = change(&place, &mut key, &half);
    let reply = show(&place, &half, &answer);
    assert_eq!(status_and_code(&reply), is(401, "TSK-ACC-002"));
    assert_eq!(reply.header("set-cookie"), "");
    let home = place.clinic.id;
    let found = place
        .world
        .set_up(move |call| Ok(staff::find(call, LOGIN)?));
    let account = found.expect("an account");
    assert_eq!((account.facility, account.failures), (home, 1));
}

#[test]
fn a_passkey_for_another_origin_is_refused() {
    refused(|place, key, half| {
        key.origin = "http://tasuki.test.evil.example".to_owned();
        key.get(&ask(place, half))
    });
    refused(|place, key, half| {
        key.origin = "https://tasuki.test".to_owned();
        key.get(&ask(place, half))
    });
    refused(|place, key, half| {
        key.host = "evil.example".to_owned();
        key.get(&ask(place, half))
    });
}

#[test]
fn a_passkey_for_another_challenge_or_none_is_refused() {
    refused(|place, key, half| {
        let _asked = ask(place, half);
        key.get(&URL_SAFE_NO_PAD.encode([7; 32]))
    });
    refused(|_, key, _| key.get(&URL_SAFE_NO_PAD.encode([7; 32])));
    // Asked in another log-in of the same account.
    refused(|place, key, half| {
        let other = waiting(place);
        let _own = ask(place, half);
        key.get(&ask(place, &other))
    });
    // Asked too long ago is the end of the waiting session as well.
    refused(|place, key, half| {
        let asked = ask(place, half);
        place.world.app.gate.sweep().expect("a sweep");
        let _again = ask(place, half);
        key.get(&asked)
    });
}

#[test]
fn a_passkey_whose_counter_stands_still_is_a_copy_and_refused() {
    let (place, mut key) = enrolled();
    let half = waiting(&place);
    let answer = key.get(&ask(&place, &half));
    assert_eq!(show(&place, &half, &answer).status, 303);
    for back in [0, 1] {
        let half = waiting(&place);
        let asked = ask(&place, &half);
        key.counter = 1_u32.saturating_sub(1 + back);
        let answer = key.get(&asked);
        let reply = show(&place, &half, &answer);
        assert_eq!(reply.code(), "TSK-ACC-002", "{back}");
    }
}

#[test]
fn an_answer_is_good_once() {
    let (place, mut key) = enrolled();
    let half = waiting(&place);
    let answer = key.get(&ask(&place, &half));
    assert_eq!(show(&place, &half, &answer).status, 303);
    assert_eq!(show(&place, &half, &answer).code(), "TSK-ACC-002");
    let half = waiting(&place);
    let _asked = ask(&place, &half);
    assert_eq!(show(&place, &half, &answer).code(), "TSK-ACC-002");
    // A wrong answer uses the question up: the right one after it comes too late.
    let half = waiting(&place);
    let right = key.get(&ask(&place, &half));
    assert_eq!(show(&place, &half, "{}").code(), "TSK-ACC-002");
    assert_eq!(show(&place, &half, &right).code(), "TSK-ACC-002");
}

#[test]
fn a_key_of_another_account_or_without_its_holders_consent_is_refused() {
    refused(|place, _, half| {
        let asked = ask(place, half);
        Authenticator::new(2).get(&asked)
    });
    // The right credential's name over another key.
    refused(|place, _, half| {
        let asked = ask(place, half);
        Authenticator::new(1).get(&asked)
    });
    refused(|place, key, half| {
        key.verified = false;
        key.get(&ask(place, half))
    });
}

#[test]
fn a_credential_belongs_to_one_account() {
    let (place, key) = enrolled();
    let clerk = place.staff(Role::Clerk);
    let reply = add(&place, &clerk, &key);
    assert_eq!(status_and_code(&reply), is(422, "TSK-ACC-046"));
    // One of its own is welcome, and so is the doctor's once it was given up.
    assert_eq!(add(&place, &clerk, &Authenticator::new(3)).status, 303);
}

#[test]
fn a_new_passkey_answers_this_sessions_question_from_this_origin() {
    let place = place();
    let clerk = place.staff(Role::Clerk);
    let mut key = Authenticator::new(1);
    key.origin = "https://evil.example".to_owned();
    assert_eq!(add(&place, &clerk, &key).code(), "TSK-ACC-046");
    key.origin = testkit::world::ORIGIN.to_owned();
    let answer = key.create(&URL_SAFE_NO_PAD.encode([7; 32]));
    let send = |answer: &str| {
        let fields = [("passkey", answer)];
        place
            .world
            .submit(&clerk, "/account/factors/passkey", &fields)
    };
    assert_eq!(send(&answer).code(), "TSK-ACC-046");
    assert_eq!(send("").code(), "TSK-ACC-046");
    assert_eq!(add(&place, &clerk, &key).status, 303);
}
