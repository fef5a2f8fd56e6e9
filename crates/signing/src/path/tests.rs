use super::*;
use crate::challenge::{self, SignatureError};
use crate::testpki::{CardCredential, Holder, Revocation, TestCa, TestPki};
use kernel::time::JstDate;

fn at() -> Timestamp {
    Timestamp::parse("2026-11-22T09:00:00Z").unwrap()
}

fn years(n: i64) -> Timestamp {
    at().plus_hours(24 * 365 * n)
}

fn card(pki: &TestPki, number: u64) -> CardCredential {
    pki.card_for(number, years(-1), years(4)).unwrap()
}

fn authentication() -> Requirements {
    Requirements::new(Purpose::CardAuthentication, at())
}

fn check(
    pki: &TestPki,
    der: &[u8],
    requirements: &Requirements,
    revoked: &[Revocation],
) -> Result<VerifiedCertificate, PathError> {
    let store = pki.trust_store().unwrap();
    let crls = pki.crl_store(at(), revoked).unwrap();
    verify(&store, der, &[], requirements, &crls)
}

#[test]
fn cards_of_both_generations_with_one_authority_name_are_accepted() {
    let pki = TestPki::new().unwrap();
    let mut issuers = Vec::new();
    for number in [1, 2] {
        let card = card(&pki, number);
        let verified = check(&pki, &card.certificate_der, &authentication(), &[]).unwrap();
        assert_eq!(verified.algorithm(), Algorithm::RsaPkcs1Sha256);
        assert_eq!(verified.crl_status(), CrlStatus::Fresh);
        assert_eq!(verified.serial().reveal(), &card.serial);
        assert_eq!(
            (verified.not_before(), verified.not_after()),
            (years(-1), years(4))
        );
        issuers.push(verified.issuer_key_id().clone());
    }
    assert_ne!(issuers[0], issuers[1]);
}

#[test]
fn every_bad_certificate_gets_its_own_refusal() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let crls = pki.crl_store(at(), &pki.bad_revocations(at())).unwrap();
    let corpus = pki.bad_certificates(at()).unwrap();
    assert!(corpus.len() >= 40, "{}", corpus.len());
    for bad in corpus {
        let shown: Vec<&[u8]> = bad.intermediates.iter().map(Vec::as_slice).collect();
        let result = verify(&store, &bad.der, &shown, &authentication(), &crls);
        let code = result.map_err(|e| e.entry().code).err();
        assert_eq!(code, Some(bad.expected.code), "{}", bad.name);
        let disaster = authentication().in_disaster_mode();
        let result = verify(&store, &bad.der, &shown, &disaster, &crls);
        assert!(result.is_err(), "{} in disaster mode", bad.name);
    }
}

#[test]
fn catalogue_codes_are_unique_and_speak_two_languages() {
    let all = [super::ALL, crate::challenge::ALL, crate::reader::ALL].concat();
    let mut codes: Vec<_> = all.iter().map(|e| e.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len());
    for entry in all {
        assert!(entry.cause.ja.ends_with('。') && entry.remedy.ja.ends_with('。'));
        assert!(!entry.cause.en.is_empty() && !entry.remedy.en.is_empty());
    }
}

#[test]
fn revocation_counts_from_its_date_on() {
    let pki = TestPki::new().unwrap();
    let card = card(&pki, 7);
    let from = |at| vec![card.revocation(at, RevocationReason::Superseded)];
    let der = &card.certificate_der;
    let now = check(&pki, der, &authentication(), &from(at()));
    assert_eq!(
        now.unwrap_err(),
        PathError::Revoked {
            at: at(),
            reason: RevocationReason::Superseded
        }
    );
    assert!(check(&pki, der, &authentication(), &from(at().plus_seconds(1))).is_ok());
    let other = card_revocation_of_another_authority(&card);
    assert!(check(&pki, der, &authentication(), &[other]).is_ok());
}

fn card_revocation_of_another_authority(card: &CardCredential) -> Revocation {
    let mut other = card.revocation(at(), RevocationReason::KeyCompromise);
    other.ca = TestCa::Auth2;
    other
}

#[test]
fn missing_list_is_refused_and_stale_list_only_passes_in_disaster_mode() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let card = card(&pki, 2);
    let run = |crls: &CrlStore, requirements: &Requirements| {
        verify(&store, &card.certificate_der, &[], requirements, crls)
    };
    let disaster = authentication().in_disaster_mode();
    let none = CrlStore::new();
    assert_eq!(
        run(&none, &authentication()).unwrap_err(),
        PathError::CrlMissing
    );
    assert_eq!(run(&none, &disaster).unwrap_err(), PathError::CrlMissing);

    let made = at().plus_hours(-25);
    let since = at().plus_hours(-1);
    let old = pki.crl_store(made, &[]).unwrap();
    assert_eq!(
        run(&old, &authentication()).unwrap_err(),
        PathError::CrlStale { since }
    );
    let flagged = run(&old, &disaster).unwrap();
    assert_eq!(flagged.crl_status(), CrlStatus::Stale { since });

    let due_now = pki.crl_store(at().plus_hours(-24), &[]).unwrap();
    assert!(run(&due_now, &authentication()).is_ok());

    let revoked = [card.revocation(made, RevocationReason::KeyCompromise)];
    let old = pki.crl_store(made, &revoked).unwrap();
    let refused = run(&old, &disaster).unwrap_err();
    assert!(matches!(refused, PathError::Revoked { .. }));
}

#[test]
fn list_older_than_allowed_is_stale_though_the_next_is_not_due() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let crls = pki.crl_store(at().plus_hours(-13), &[]).unwrap();
    let strict = Requirements {
        crl_age_hours_max: 12,
        ..authentication()
    };
    let card = card(&pki, 2);
    let run = |r| verify(&store, &card.certificate_der, &[], r, &crls);
    assert!(matches!(run(&strict), Err(PathError::CrlStale { .. })));
    assert!(run(&authentication()).is_ok());
}

#[test]
fn list_of_a_stranger_or_changed_on_the_way_is_not_taken() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let mut crls = CrlStore::new();
    let foreign = pki.crl(TestCa::Foreign, at(), &[]).unwrap();
    assert_eq!(
        crls.insert(&foreign, &store, &[]),
        Err(PathError::UntrustedIssuer)
    );
    let revoked = [card(&pki, 1).revocation(at(), RevocationReason::KeyCompromise)];
    let good = pki.crl(TestCa::Auth1, at(), &revoked).unwrap();
    for i in 0..good.len() {
        let mut bad = good.clone();
        bad[i] ^= 0x04;
        assert!(crls.insert(&bad, &store, &[]).is_err(), "octet {i}");
    }
    let info = crls.insert(&good, &store, &[]).unwrap();
    assert_eq!((info.entries, info.this_update), (1, at()));
    assert_eq!(crls.lists().collect::<Vec<_>>(), [info]);
}

#[test]
fn older_list_never_replaces_a_newer() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let card = card(&pki, 1);
    let revoked = [card.revocation(at(), RevocationReason::CertificateHold)];
    let newer = pki.crl(TestCa::Auth1, at(), &revoked).unwrap();
    let older = pki.crl(TestCa::Auth1, at().plus_hours(-2), &[]).unwrap();
    let mut crls = CrlStore::new();
    crls.insert(&newer, &store, &[]).unwrap();
    crls.insert(&older, &store, &[]).unwrap();
    let result = verify(&store, &card.certificate_der, &[], &authentication(), &crls);
    assert!(matches!(result, Err(PathError::Revoked { .. })));
}

#[test]
fn anchor_out_of_its_time_vouches_for_nothing() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let late = Timestamp::parse("2039-06-01T00:00:00Z").unwrap();
    let card = pki.card_for(1, years(-1), years(20)).unwrap();
    let crls = pki.crl_store(late, &[]).unwrap();
    let requirements = Requirements::new(Purpose::CardAuthentication, late);
    let result = verify(&store, &card.certificate_der, &[], &requirements, &crls);
    assert_eq!(result.unwrap_err(), PathError::IssuerNotValid);
}

#[test]
fn signing_card_signs_and_does_not_log_in() {
    let pki = TestPki::new().unwrap();
    let holder = Holder {
        name: "試験　花子".into(),
        sex: '2',
        birth: JstDate::new(1980, 4, 1).unwrap(),
        address: "試験県試験市一丁目1番".into(),
    };
    let card = pki.sign_card_for(5, &holder, years(-1), years(4)).unwrap();
    let signs = Requirements::new(Purpose::CardSignature, at());
    assert!(check(&pki, &card.certificate_der, &signs, &[]).is_ok());
    let login = check(&pki, &card.certificate_der, &authentication(), &[]);
    assert_eq!(login.unwrap_err(), PathError::WrongPurpose);
    let auth = super::tests::card(&pki, 5);
    let sign = check(&pki, &auth.certificate_der, &signs, &[]);
    assert_eq!(sign.unwrap_err(), PathError::WrongPurpose);
}

#[test]
fn professional_is_accepted_through_the_intermediate_authority() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let doctor = pki
        .professional_for(11, "SHIKEN Taro", "Medical Doctor", years(-1), years(4))
        .unwrap();
    let middle = pki.certificate(TestCa::HpkiSign);
    let requirements = Requirements::new(Purpose::HpkiSign, at());
    let run = |shown: &[&[u8]], revoked: &[Revocation], purpose| {
        let crls = pki.crl_store(at(), revoked).unwrap();
        let requirements = Requirements {
            purpose,
            ..requirements
        };
        verify(&store, &doctor.certificate_der, shown, &requirements, &crls)
    };
    let sign = Purpose::HpkiSign;
    let verified = run(&[middle], &[], sign).unwrap();
    assert_ne!(verified.issuer_key_id(), verified.anchor_key_id());
    assert_eq!(run(&[], &[], sign).unwrap_err(), PathError::UntrustedIssuer);
    assert_eq!(
        run(&[middle], &[], Purpose::HpkiAuth).unwrap_err(),
        PathError::WrongPurpose
    );
    let authority = Revocation {
        ca: TestCa::HpkiRoot,
        serial: vec![1],
        at: at(),
        reason: RevocationReason::CaCompromise,
    };
    assert_eq!(
        run(&[middle], &[authority], sign).unwrap_err(),
        PathError::IssuerRevoked
    );
}

#[test]
fn changed_message_signature_or_algorithm_is_refused() {
    let pki = TestPki::new().unwrap();
    let rsa = card(&pki, 1);
    let next = pki.next_card_for(1, years(-1), years(9)).unwrap();
    let message = b"tasuki-card-auth-v1";
    for (card, algorithm, wrong) in [
        (&rsa, Algorithm::RsaPkcs1Sha256, Algorithm::RsaPssSha256),
        (&rsa, Algorithm::RsaPssSha256, Algorithm::RsaPkcs1Sha256),
        (&next, Algorithm::EcdsaP384Sha384, Algorithm::RsaPkcs1Sha256),
    ] {
        let verified = check(&pki, &card.certificate_der, &authentication(), &[]).unwrap();
        let signature = card.sign(algorithm, message).unwrap();
        let run = |a, m: &[u8], s: &[u8]| challenge::verify_signature(&verified, a, m, s);
        assert_eq!(run(algorithm, message, &signature), Ok(()));
        assert_eq!(
            run(algorithm, b"another", &signature),
            Err(SignatureError::Invalid)
        );
        let mut bad = signature.clone();
        *bad.last_mut().unwrap() ^= 1;
        assert_eq!(run(algorithm, message, &bad), Err(SignatureError::Invalid));
        assert_eq!(run(algorithm, message, &[]), Err(SignatureError::Invalid));
        assert!(run(wrong, message, &signature).is_err());
    }
    let verified = check(&pki, &next.certificate_der, &authentication(), &[]).unwrap();
    assert_eq!(verified.algorithm(), Algorithm::EcdsaP384Sha384);
    assert_eq!(
        challenge::verify_signature(&verified, Algorithm::RsaPkcs1Sha256, message, &[0; 256]),
        Err(SignatureError::WrongAlgorithm)
    );
}

#[test]
fn card_key_separates_authorities_of_one_name_with_one_serial() {
    let pki = TestPki::new().unwrap();
    let key = |ca| {
        let key = card(&pki, 1).key;
        let card = pki.issue_auth(ca, 1, key, (years(-1), years(4))).unwrap();
        let verified = check(&pki, &card.certificate_der, &authentication(), &[]).unwrap();
        verified.card_key().reveal().clone()
    };
    assert_ne!(key(TestCa::Auth1), key(TestCa::Auth2));
}

#[test]
fn card_key_separates_cards_and_debug_shows_no_serial() {
    let pki = TestPki::new().unwrap();
    let verified = |number| {
        let card = card(&pki, number);
        check(&pki, &card.certificate_der, &authentication(), &[]).unwrap()
    };
    let (a, b) = (verified(1), verified(3));
    assert_ne!(a.card_key().reveal(), b.card_key().reveal());
    assert!(a.card_key().reveal().ends_with(a.serial().reveal()));
    let shown = format!("{a:?} {:?} {:?}", a.serial(), a.subject_key());
    assert!(!shown.contains(&kernel::hex::encode(a.serial().reveal())));
    assert!(!shown.contains("[1, 0"), "{shown}");
}

#[test]
fn every_changed_octet_of_a_certificate_is_refused() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let crls = pki.crl_store(at(), &[]).unwrap();
    let good = card(&pki, 1).certificate_der;
    for i in 0..good.len() {
        let mut bad = good.clone();
        bad[i] ^= 0x01;
        let result = verify(&store, &bad, &[], &authentication(), &crls);
        assert!(result.is_err(), "octet {i}");
    }
}
