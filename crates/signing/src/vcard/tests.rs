use myna_card::ap::common::CommonAp;
use myna_card::ap::jpki::{JpkiAp, SignatureScheme, TokenType};
use myna_card::ap::surface::SurfaceAp;
use myna_card::ap::text::{TextAp, ef};
use myna_card::{Card, Error, Pin, Retries, Sex};

use super::*;
use crate::challenge;
use crate::key::Algorithm;
use crate::path::{Medium, Purpose, Requirements, VerifiedCertificate, named_by, verify};
use crate::reader::{CardAnswer, CardError, pin_tries, sign_challenge, sign_challenge_at_terminal};

const MESSAGE: &[u8] =
    b"tasuki-card-auth-v1\nhttps://x\nT\neligibility\nAA==\n2026-11-22T09:00:00Z";

fn at() -> Timestamp {
    Timestamp::parse("2026-11-22T09:00:00Z").unwrap()
}

fn content(pki: &TestPki, profile: Profile) -> Content {
    let holder = Holder {
        name: "試験　花子".into(),
        sex: '2',
        birth: JstDate::new(1980, 4, 1).unwrap(),
        address: "試験県試験市一丁目１番".into(),
    };
    let validity = (at().plus_hours(-24), at().plus_hours(24 * 365 * 4));
    Content::for_person(pki, profile, 1234, holder, validity).unwrap()
}

fn card(pki: &TestPki, profile: Profile) -> VirtualCard {
    VirtualCard::new(pki, profile, &content(pki, profile))
}

fn accept(pki: &TestPki, answer: &CardAnswer) -> VerifiedCertificate {
    let store = pki.trust_store().unwrap();
    let crls = pki.crl_store(at(), &[]).unwrap();
    let requirements = Requirements::new(Purpose::CardAuthentication, at());
    let verified = verify(&store, &answer.certificate_der, &[], &requirements, &crls).unwrap();
    challenge::verify_signature(&verified, answer.algorithm, MESSAGE, &answer.signature).unwrap();
    verified
}

#[test]
fn right_pin_signs_and_the_server_accepts_it_for_every_profile() {
    let pki = TestPki::new().unwrap();
    let next = TokenType::Other(*b"TASUKITESTTOKENNEXT             ");
    let (rsa, p384) = (Algorithm::RsaPkcs1Sha256, Algorithm::EcdsaP384Sha384);
    for (profile, token, algorithm, medium) in [
        (Profile::Card, TokenType::Card, rsa, Medium::Card),
        (Profile::Android, TokenType::Android, rsa, Medium::Android),
        (Profile::Ios, TokenType::IPhone, rsa, Medium::Iphone),
        (Profile::Next, next, p384, Medium::Next),
    ] {
        let mut card = card(&pki, profile);
        let answer = sign_challenge(&mut card, "1234", MESSAGE).unwrap();
        assert_eq!(answer.algorithm, algorithm);
        let verified = accept(&pki, &answer);
        assert_eq!(verified.medium(), medium);
        // Its authority's notice names it by the same key, before anybody shows it.
        let named = named_by(&answer.certificate_der).unwrap();
        assert_eq!(named.card_key.reveal(), verified.card_key().reveal());
        assert_eq!(named.medium, medium);
        let mut card = Card::new(card);
        let mut jpki = JpkiAp::select(&mut card).unwrap();
        assert_eq!(jpki.read_token_type().unwrap(), token);
        assert_eq!(jpki.read_token_info().unwrap().model, "TASUKI-VCARD");
    }
}

#[test]
fn wrong_pin_counts_down_to_blocked_and_right_pin_no_longer_helps() {
    let pki = TestPki::new().unwrap();
    let mut card = card(&pki, Profile::Card);
    let mut sign = |pin| sign_challenge(&mut card, pin, MESSAGE).map(|_| ());
    assert_eq!(sign("12345"), Err(CardError::PinFormat));
    assert_eq!(sign("abcd"), Err(CardError::PinFormat));
    assert_eq!(sign("0000"), Err(CardError::PinWrong { tries_left: 2 }));
    assert_eq!(sign("1234"), Ok(()));
    assert_eq!(sign("0000"), Err(CardError::PinWrong { tries_left: 2 }));
    assert_eq!(sign("0000"), Err(CardError::PinWrong { tries_left: 1 }));
    assert_eq!(sign("0000"), Err(CardError::PinBlocked));
    assert_eq!(sign("1234"), Err(CardError::PinBlocked));
    assert_eq!(pin_tries(&mut card), Ok(Some(0)));
    card.reset();
    assert_eq!(pin_tries(&mut card), Ok(Some(0)));
}

#[test]
fn reader_leaves_no_unlocked_card_behind() {
    let pki = TestPki::new().unwrap();
    let mut card = card(&pki, Profile::Card);
    sign_challenge(&mut card, "1234", MESSAGE).unwrap();
    let mut card = Card::new(card);
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    let again = jpki.sign_with_auth_key(SignatureScheme::Sha256DigestInfo, MESSAGE);
    assert!(matches!(again, Err(Error::Status(sw)) if sw.value() == 0x6982));
}

#[test]
fn pin_lasts_while_its_application_stays_selected() {
    let pki = TestPki::new().unwrap();
    let mut card = Card::new(card(&pki, Profile::Card));
    let signs = |card: &mut Card<VirtualCard>| {
        let mut jpki = JpkiAp::select(card).unwrap();
        let scheme = SignatureScheme::Sha256DigestInfo;
        jpki.sign_with_auth_key(scheme, MESSAGE).is_ok()
    };
    assert!(!signs(&mut card));
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    jpki.verify_auth_pin(&Pin::numeric("1234").unwrap())
        .unwrap();
    assert!(signs(&mut card), "selecting the same application keeps it");
    assert!(card.select_df(&[1, 2, 3]).is_err());
    assert!(signs(&mut card), "an unknown application changes nothing");
    TextAp::select(&mut card).unwrap();
    assert!(!signs(&mut card), "another application clears it");
}

#[test]
fn every_documented_scheme_verifies_and_the_rest_is_refused() {
    let pki = TestPki::new().unwrap();
    let mut card = card(&pki, Profile::Card);
    let answer = sign_challenge(&mut card, "1234", MESSAGE).unwrap();
    let verified = accept(&pki, &answer);
    let mut card = Card::new(card);
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    jpki.verify_auth_pin(&Pin::numeric("1234").unwrap())
        .unwrap();
    let hash = crate::key::sha256(MESSAGE);
    let pkcs1 = Algorithm::RsaPkcs1Sha256;
    let pss = Algorithm::RsaPssSha256;
    for (scheme, data, algorithm) in [
        (SignatureScheme::PreHashedDigestInfo, &hash[..], pkcs1),
        (SignatureScheme::Sha256DigestInfo, MESSAGE, pkcs1),
        (SignatureScheme::PreHashedPss, &hash[..], pss),
        (SignatureScheme::Sha256Pss, MESSAGE, pss),
    ] {
        let signature = jpki.sign_with_auth_key(scheme, data).unwrap();
        challenge::verify_signature(&verified, algorithm, MESSAGE, &signature).unwrap();
    }
    for scheme in [SignatureScheme::Sha256Bare, SignatureScheme::Verbatim] {
        let refused = jpki.sign_with_auth_key(scheme, MESSAGE);
        assert!(matches!(refused, Err(Error::Status(sw)) if sw.value() == 0x6a80));
    }
}

#[test]
fn authentication_pin_does_not_open_the_signing_key_nor_its_certificate() {
    let pki = TestPki::new().unwrap();
    let mut card = Card::new(card(&pki, Profile::Card));
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    let scheme = SignatureScheme::Sha256DigestInfo;
    jpki.verify_auth_pin(&Pin::numeric("1234").unwrap())
        .unwrap();
    assert!(jpki.sign_with_sign_key(scheme, MESSAGE).is_err());
    assert!(jpki.read_sign_certificate_der().is_err());
    assert_eq!(jpki.sign_pin_retries().unwrap(), Retries::Remaining(5));
    let wrong = jpki.verify_sign_pin(&Pin::new("WRONG1").unwrap());
    assert!(matches!(
        wrong,
        Err(Error::PinIncorrect { retries: Some(4) })
    ));
    jpki.verify_sign_pin(&Pin::new("TASUKI1234").unwrap())
        .unwrap();
    let certificate = jpki.read_sign_certificate_der().unwrap();
    let signature = jpki.sign_with_sign_key(scheme, MESSAGE).unwrap();
    let store = pki.trust_store().unwrap();
    let crls = pki.crl_store(at(), &[]).unwrap();
    let requirements = Requirements::new(Purpose::CardSignature, at());
    let verified = verify(&store, &certificate, &[], &requirements, &crls).unwrap();
    let algorithm = Algorithm::RsaPkcs1Sha256;
    challenge::verify_signature(&verified, algorithm, MESSAGE, &signature).unwrap();
}

#[test]
fn pin_is_changed_only_after_the_old_one_and_only_to_four_digits() {
    let pki = TestPki::new().unwrap();
    let mut card = Card::new(card(&pki, Profile::Card));
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    let pin = |text| Pin::new(text).unwrap();
    assert!(jpki.change_auth_pin(&pin("0000"), &pin("9876")).is_err());
    assert!(jpki.change_auth_pin(&pin("1234"), &pin("98765")).is_err());
    jpki.change_auth_pin(&pin("1234"), &pin("9876")).unwrap();
    let mut card = card.into_transport();
    assert!(sign_challenge(&mut card, "1234", MESSAGE).is_err());
    assert!(sign_challenge(&mut card, "9876", MESSAGE).is_ok());
}

#[test]
fn registered_terminal_signs_without_pin_and_others_do_not() {
    let pki = TestPki::new().unwrap();
    let mut plastic = card(&pki, Profile::Card);
    let terminal = TestTerminal::registered(&pki, "T-0001").unwrap();
    let answer = sign_challenge_at_terminal(&mut plastic, &terminal, MESSAGE).unwrap();
    accept(&pki, &answer);
    assert_eq!(pin_tries(&mut plastic), Ok(Some(3)));

    let rogue = TestTerminal::unregistered(&pki, "T-9999").unwrap();
    let refused = sign_challenge_at_terminal(&mut plastic, &rogue, MESSAGE);
    assert_eq!(refused, Err(CardError::TerminalRefused));
    let mut phone = card(&pki, Profile::Ios);
    let refused = sign_challenge_at_terminal(&mut phone, &terminal, MESSAGE);
    assert_eq!(refused, Err(CardError::TerminalRefused));
}

#[test]
fn stolen_terminal_certificate_without_its_key_opens_nothing() {
    struct Stolen(TestTerminal);
    impl crate::reader::TerminalProof for Stolen {
        fn certificate(&self) -> &[u8] {
            self.0.certificate()
        }
        fn sign(&self, _: &[u8]) -> Option<Vec<u8>> {
            self.0.sign(b"an earlier challenge")
        }
    }
    let pki = TestPki::new().unwrap();
    let stolen = Stolen(TestTerminal::registered(&pki, "T-0001").unwrap());
    let mut card = card(&pki, Profile::Card);
    let refused = sign_challenge_at_terminal(&mut card, &stolen, MESSAGE);
    assert_eq!(refused, Err(CardError::TerminalRefused));
}

#[test]
fn removed_card_foreign_card_and_card_without_certificate_are_told_apart() {
    struct Foreign;
    impl Transmit for Foreign {
        fn transmit(&mut self, _: &[u8]) -> myna_card::Result<Vec<u8>> {
            Ok(vec![0x6a, 0x82])
        }
    }
    struct Unplugged;
    impl Transmit for Unplugged {
        fn transmit(&mut self, _: &[u8]) -> myna_card::Result<Vec<u8>> {
            Err(Error::NoReader)
        }
    }
    let pki = TestPki::new().unwrap();
    let sign = |card: &mut dyn Transmit| sign_challenge(&mut Box::new(card), "1234", MESSAGE);
    assert_eq!(sign(&mut Foreign), Err(CardError::NotMyNumberCard));
    assert_eq!(sign(&mut Unplugged), Err(CardError::NoReader));
    let mut card = card(&pki, Profile::Card);
    card.remove();
    assert_eq!(sign(&mut card), Err(CardError::CardRemoved));
    card.insert();
    assert!(sign(&mut card).is_ok());
    let mut bare = content(&pki, Profile::Card);
    bare.auth = None;
    let mut bare = VirtualCard::new(&pki, Profile::Card, &bare);
    assert_eq!(sign(&mut bare), Err(CardError::NoCertificate));
}

#[test]
fn text_surface_and_common_applications_are_read_by_the_real_reader() {
    let pki = TestPki::new().unwrap();
    let content = content(&pki, Profile::Card);
    let mut card = Card::new(VirtualCard::new(&pki, Profile::Card, &content));
    let mut text = TextAp::select(&mut card).unwrap();
    assert!(text.read_attributes().is_err());
    assert_eq!(text.retries(ef::BLOCKED_0012).unwrap(), Retries::Blocked);
    text.verify_pin(&Pin::numeric("1234").unwrap()).unwrap();
    let read = text.read_attributes().unwrap();
    assert_eq!(read.name, content.holder.name);
    assert_eq!(read.address, content.holder.address);
    assert_eq!(read.sex, Sex::Female);
    let number = text.read_my_number().unwrap();
    assert_eq!(number.as_str(), content.my_number);

    let mut surface = SurfaceAp::select(&mut card).unwrap();
    let birth = read.birth_date;
    let code = verification(birth, &content);
    surface.verify_code_b(&code).unwrap();
    let face = surface.read_card_face().unwrap();
    assert_eq!(face.birth_date, birth);

    let mut text = TextAp::select(&mut card).unwrap();
    text.verify_code_a(&number.as_verification_code_a().unwrap())
        .unwrap();
    assert!(text.read_my_number().is_ok());
    assert!(
        text.read_attributes().is_err(),
        "code A opens no attributes"
    );

    let mut common = CommonAp::select(&mut card).unwrap();
    let info = common.read_card_info().unwrap();
    assert_eq!(info.serial, "000000000001234");
}

fn verification(birth: myna_card::Date, content: &Content) -> Pin {
    let year = content.expiry.year().unsigned_abs();
    myna_card::verification_code_b(birth, year, content.security_code.as_bytes()).unwrap()
}

#[test]
fn my_number_of_a_test_card_never_has_the_right_check_digit() {
    // 123456789018 is the published example of a well-formed number.
    assert_eq!(invalid_my_number(12_345_678_901), "123456789019");
    for number in 0..500 {
        assert_eq!(invalid_my_number(number).len(), 12);
    }
}

#[test]
fn malformed_and_unknown_commands_get_their_status_word() {
    let pki = TestPki::new().unwrap();
    let mut card = card(&pki, Profile::Card);
    let mut send = |bytes: &[u8]| {
        let answer = card.transmit(bytes);
        let (status, _) = answer
            .split_last_chunk::<2>()
            .map(|(d, s)| (*s, d))
            .unwrap();
        u16::from_be_bytes(status)
    };
    let jpki = [
        0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01,
    ];
    for (command, status) in [
        (&[0x00, 0xa4][..], 0x6700),
        (&[0x00, 0xff, 0, 0], 0x6d00),
        (&[0x0c, 0xa4, 0, 0], 0x6e00),
        (&[0x80, 0x2a, 0x00, 0x97, 1, 1, 0], 0x6d00),
        (&[0x00, 0xa4, 0x04, 0x0c, 2, 0xa0, 0x00], 0x6a82),
        (&[0x00, 0xb0, 0, 0, 0], 0x6986),
        (&jpki, 0x9000),
        (&[0x00, 0xb0, 0, 0, 0], 0x6986),
        (&[0x00, 0xa4, 0x02, 0x0c, 2, 0x00, 0x77], 0x6a82),
        (&[0x00, 0xa4, 0x09, 0x0c, 2, 0x00, 0x06], 0x6a86),
        (&[0x00, 0xa4, 0x02, 0x0c, 2, 0x00, 0x06], 0x9000),
        (&[0x00, 0xb0, 0x00, 0xa0, 0], 0x6b00),
        (&[0x00, 0xb0, 0x00, 0x9f, 0], 0x9000),
        (&[0x00, 0xb0, 0x86, 0x00, 0x20], 0x9000),
        (&[0x00, 0xb0, 0x97, 0x00, 0x20], 0x6981),
        (&[0x00, 0x20, 0x00, 0x80], 0x6a88),
        (&[0x00, 0x20, 0x00, 0x98], 0x63c3),
        (&[0x00, 0x20, 0x01, 0x98], 0x6a86),
        (&[0x80, 0x2a, 0x02, 0x97, 1, 1, 0], 0x6982),
        (&[0x80, 0x2a, 0x02, 0x88, 1, 1, 0], 0x6a86),
        (&[0x80, 0xa2, 0x00, 0x00, 1, 1], 0x6a86),
        (&[0x80, 0xa2, 0x00, 0xc1, 1, 1], 0x6982),
        (&[0x00, 0x82, 0x00, 0x00, 1, 1], 0x6985),
        (&[0x00, 0x20, 0x00, 0x98, 4, 0x31, 0x32, 0x33, 0x34], 0x9000),
        (&[0x80, 0x2a, 0x02, 0x97, 1, 1, 0], 0x6700),
        (&[0x80, 0x2a, 0x07, 0x97, 1, 1, 0], 0x6a86),
    ] {
        assert_eq!(send(command), status, "{command:02x?} {:04x}", status);
    }
}

#[test]
fn no_sequence_of_octets_gets_anything_but_a_status_word() {
    let pki = TestPki::new().unwrap();
    let mut card = card(&pki, Profile::Card);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    };
    let ins = [0xa4, 0xb0, 0xb2, 0x20, 0x24, 0x84, 0x82, 0x2a, 0xa2];
    for i in 0..20_000 {
        let [a, b, c, d, e, f, len, pick] = next();
        let cla = if a & 1 == 0 { 0x00 } else { 0x80 };
        let ins = ins[usize::from(pick) % ins.len()];
        let mut command = vec![cla, ins, b & 0x87, c, d & 7, e, f, 0x17, d, e, f];
        command.truncate(usize::from(len) % 12);
        if i % 500 == 0 {
            command = [
                &[0x00, 0xa4, 0x04, 0x0c, 0x0a][..],
                &myna_card::ap::jpki::DF,
            ]
            .concat();
        }
        let answer = card.transmit(&command);
        let status = answer.last_chunk::<2>().unwrap();
        assert!(matches!(status[0], 0x90 | 0x63 | 0x67 | 0x69..=0x6e));
    }
}
