use std::process::Command;

use super::*;

fn at() -> Timestamp {
    Timestamp::parse("2026-11-22T09:00:00Z").unwrap()
}

#[test]
fn card_is_made_again_from_its_number_octet_for_octet() {
    let make = |number| {
        let pki = TestPki::new().unwrap();
        let card = pki.card_for(number, at(), at().plus_hours(24)).unwrap();
        card.certificate_der
    };
    assert_eq!(make(123_456_789), make(123_456_789));
    assert_ne!(make(123_456_789), make(123_456_791));
}

#[test]
fn test_anchors_are_told_from_others() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    assert!(store.holds_test_anchor());
    assert!(store.anchors().all(|a| is_test_anchor(a.key_id())));
    assert!(!is_test_anchor(&KeyId::new(&[1; 20])));
    assert!(!TrustStore::new().holds_test_anchor());
}

#[test]
fn authentication_card_names_nobody() {
    let pki = TestPki::new().unwrap();
    let card = pki.card_for(42, at(), at().plus_hours(1)).unwrap();
    assert!(!card.certificate_der.windows(2).any(|w| w == b"42"));
}

#[test]
fn role_of_a_professional_has_the_octets_of_the_published_sample() {
    let expected = "30343032060628818542000131283126302\
        4a0223120a00c060a2a830886910f01060101a2100c0e4d65646963616c20446f63746f72"
        .replace(char::is_whitespace, "");
    assert_eq!(
        kernel::hex::encode(&profile::hc_role("Medical Doctor").value),
        expected
    );
}

/// A stranger's judgment: the `openssl` command accepts chain and list, and refuses the revoked.
#[test]
fn openssl_agrees_on_chain_and_revocation() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("SKIPPED: openssl verifies our chain (the openssl command is absent)");
        return;
    }
    let pki = TestPki::new().unwrap();
    let folder = std::env::temp_dir().join(format!("tasuki-signing-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let pem = |name: &str, label: &str, der: &[u8]| {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|l| std::str::from_utf8(l).unwrap())
            .collect();
        let path = folder.join(name);
        let body = lines.join("\n");
        std::fs::write(
            &path,
            format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"),
        )
        .unwrap();
        path
    };
    let verify = |ca: TestCa, card: &CardCredential, revoked: &[Revocation]| {
        let ca_file = pem("ca.pem", "CERTIFICATE", pki.certificate(ca));
        let list = pem("crl.pem", "X509 CRL", &pki.crl(ca, at(), revoked).unwrap());
        let file = pem("card.pem", "CERTIFICATE", &card.certificate_der);
        let output = Command::new("openssl")
            .args(["verify", "-x509_strict", "-crl_check", "-attime"])
            .arg(at().plus_seconds(60).seconds().to_string())
            .arg("-CAfile")
            .arg(ca_file)
            .arg("-CRLfile")
            .arg(list)
            .arg(file)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let until = at().plus_hours(24 * 365);
    let old = pki.card_for(1, at(), until).unwrap();
    let new = pki.card_for(2, at(), until).unwrap();
    let next = pki.next_card_for(3, at(), until).unwrap();
    for card in [&old, &new, &next] {
        let (ok, said) = verify(card.ca, card, &[]);
        assert!(ok, "{said}");
    }
    let revoked = [old.revocation(at(), RevocationReason::KeyCompromise)];
    let (ok, said) = verify(old.ca, &old, &revoked);
    assert!(!ok && said.contains("revoked"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn card_is_revoked_by_its_number_alone() {
    let pki = TestPki::new().unwrap();
    let reason = RevocationReason::CertificateHold;
    for number in [10, 11] {
        let card = pki.card_for(number, at(), at().plus_hours(1)).unwrap();
        let (a, b) = (
            card.revocation(at(), reason),
            pki.revocation_for(number, at(), reason),
        );
        assert_eq!((a.ca, a.serial), (b.ca, b.serial));
    }
}

#[test]
fn pki_cards_and_lists_are_shared_between_threads() {
    const fn shared<T: Send + Sync>() {}
    shared::<TestPki>();
    shared::<TrustStore>();
    shared::<CrlStore>();
    shared::<CardCredential>();
    shared::<crate::vcard::VirtualCard>();
}

#[test]
fn list_without_key_identifier_is_filed_under_the_key_that_signed_it() {
    let pki = TestPki::new().unwrap();
    let store = pki.trust_store().unwrap();
    let list = |ca: TestCa| {
        let template = ListTemplate {
            issuer: &ca.name(),
            key_id: None,
            this_update: at(),
            next_update: at().plus_hours(24),
            scope: None,
            revoked: Vec::new(),
        };
        template.sign(pki.key(ca).unwrap()).unwrap()
    };
    let mut crls = CrlStore::new();
    let info = crls.insert(&list(TestCa::Auth2), &store, &[]).unwrap();
    assert_eq!(info.issuer, pki.key(TestCa::Auth2).unwrap().key_id());
    let stranger = crls.insert(&list(TestCa::Foreign), &store, &[]);
    assert_eq!(stranger, Err(PathError::CrlNotGenuine));
}
