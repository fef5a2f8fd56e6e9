//! The certificate authority: what it issues, how it is kept, and how it ends.

use std::{fs, path::Path, process::Command};

use rcgen::{CertificateParams, KeyPair};
use testkit::World;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{
    ca, errors,
    model::{Kind, Particulars},
    ops::ledger,
};

pub(super) fn request() -> String {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
    // What a request claims to be is not believed.
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.serialize_request(&key).unwrap().pem().unwrap()
}

fn der(pem: &str) -> Vec<u8> {
    let (_, block) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap();
    block.contents
}

pub(super) fn particulars(label: &str) -> Particulars {
    Particulars {
        label: label.to_owned(),
        responsible: "事務長".to_owned(),
        ..Particulars::default()
    }
}

#[test]
fn a_terminals_certificate_names_facility_and_label_and_nothing_that_the_request_claims() {
    let world = World::new(vec![crate::service()]);
    let home = world.facility("1310000001", "みどり診療所");
    let (facility, code, csr) = (home.id, home.code.clone(), request());
    let (issued, root) = world.set_up(move |call| {
        let item = ledger::register(call, facility, Kind::Terminal, &particulars("受付1番"))?;
        let issued = ledger::certify(call, facility, &code, item, &csr)?;
        Ok((issued, ca::root(call)?))
    });
    let bytes = der(&issued.pem);
    let (_, certificate) = X509Certificate::from_der(&bytes).unwrap();
    let name = |oid: &str| {
        let found = certificate
            .subject()
            .iter_attributes()
            .find(|a| a.attr_type().to_id_string() == oid);
        found.map(|a| a.as_str().unwrap().to_owned())
    };
    assert_eq!(name("2.5.4.10").as_deref(), Some("1310000001"));
    assert_eq!(name("2.5.4.3").as_deref(), Some("受付1番"));
    assert!(!certificate.is_ca());
    assert!(certificate.subject_alternative_name().unwrap().is_none());
    let usage = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth && !usage.any);
    let validity = certificate.validity();
    let seconds = validity.not_after.timestamp() - validity.not_before.timestamp();
    assert!(seconds <= 365 * 86_400, "{seconds}");
    assert_eq!(validity.not_after.timestamp(), issued.ends_at.seconds());
    assert_eq!(store::audit::sha256(&[&bytes]), issued.thumbprint);
    let root = der(&root.unwrap());
    let (_, root) = X509Certificate::from_der(&root).unwrap();
    assert!(root.is_ca());
    certificate
        .verify_signature(Some(root.public_key()))
        .unwrap();
}

#[test]
fn openssl_verifies_what_the_authority_issues_for_its_purpose_only() {
    let world = World::new(vec![crate::service()]);
    let home = world.facility("1310000001", "みどり診療所");
    let (facility, code, csr) = (home.id, home.code.clone(), request());
    let (client, server, root) = world.set_up(move |call| {
        let item = ledger::register(call, facility, Kind::Server, &particulars("電子カルテ"))?;
        let client = ledger::certify(call, facility, &code, item, &csr)?;
        let server = ca::issue_server(call, "tasuki.example.jp", &csr)?;
        Ok((client.pem, server.pem, ca::root(call)?.unwrap()))
    });
    let folder = world.folder().join("certificates");
    fs::create_dir(&folder).unwrap();
    let file = |name: &str, pem: &str| {
        let path = folder.join(name);
        fs::write(&path, pem).unwrap();
        path
    };
    let root = file("root.pem", &root);
    let (client, server) = (file("client.pem", &client), file("server.pem", &server));
    let verify = |purpose: &str, certificate: &Path| {
        let seconds = world.app.gate.now().seconds().to_string();
        Command::new("openssl")
            .args([
                "verify",
                "-x509_strict",
                "-attime",
                &seconds,
                "-purpose",
                purpose,
            ])
            .arg("-CAfile")
            .args([&root, certificate])
            .output()
    };
    let Ok(first) = verify("sslclient", &client) else {
        eprintln!("SKIPPED: openssl verify (openssl is not on this machine)");
        return;
    };
    assert!(
        first.status.success(),
        "{}",
        String::from_utf8_lossy(&first.stderr)
    );
    let good = |purpose, path| verify(purpose, path).unwrap().status.success();
    assert!(good("sslserver", &server));
    assert!(!good("sslserver", &client));
    assert!(!good("sslclient", &server));
}

#[test]
fn the_authoritys_key_is_nowhere_in_the_clear() {
    let world = World::new(vec![crate::service()]);
    let key = world.set_up(|call| {
        ca::init(call)?;
        let (_, key) = crate::store::authority::authority(call)?.unwrap();
        Ok(key.reveal().clone())
    });
    let (_, block) = x509_parser::pem::parse_x509_pem(key.as_bytes()).unwrap();
    let secret = block.contents;
    let mut files = 0;
    for entry in fs::read_dir(world.folder()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = fs::read(&path) else { continue };
        files += 1;
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
        // The middle of the private key's structure holds the secret number.
        assert!(!holds(&secret[40..72]), "{}", path.display());
        assert!(!holds(b"PRIVATE KEY"), "{}", path.display());
    }
    assert!(files > 0);
}

#[test]
fn a_broken_or_weak_request_is_refused_and_the_authority_is_made_once() {
    let world = World::new(vec![crate::service()]);
    let broken = {
        let good = request();
        let middle = good.len() / 2;
        let other = if good.as_bytes()[middle] == b'A' {
            "B"
        } else {
            "A"
        };
        format!("{}{other}{}", &good[..middle], &good[middle + 1..])
    };
    for csr in ["", "-----BEGIN CERTIFICATE REQUEST-----", &broken] {
        let csr = csr.to_owned();
        let outcome = world.set_up(move |call| {
            Ok(match ca::issue_client(call, "1310000001", "端末", &csr) {
                Err(store::Stop::Refused(refusal)) => refusal.entry.code,
                _ => "issued",
            })
        });
        assert_eq!(outcome, errors::REQUEST_INVALID.code);
    }
    let roots = world.set_up(|call| Ok((ca::init(call)?, ca::init(call)?)));
    assert_eq!(roots.0, roots.1);
}

#[test]
fn an_ended_certificate_holds_no_more_and_the_other_one_does() {
    let world = World::new(vec![crate::service()]);
    let home = world.facility("1310000001", "みどり診療所");
    let (facility, code) = (home.id, home.code.clone());
    let (csr, other) = (request(), request());
    let (ended, kept) = world.set_up(move |call| {
        let item = ledger::register(call, facility, Kind::Terminal, &particulars("受付1番"))?;
        let first = ledger::certify(call, facility, &code, item, &csr)?;
        let second = ledger::certify(call, facility, &code, item, &other)?;
        ledger::end_certificate(call, facility, &first.serial)?;
        Ok((first, second))
    });
    let at = world.app.gate.now();
    let holds = |thumbprint: [u8; 32]| {
        world.set_up(move |call| {
            let found = access::terminal::find(call, &thumbprint)?;
            Ok(found.is_some_and(|terminal| terminal.holds(at)))
        })
    };
    assert!(!holds(ended.thumbprint));
    assert!(holds(kept.thumbprint));
    world.set_up(move |call| {
        let items = ledger::list(call, facility)?;
        ledger::end(call, facility, items[0].id)
    });
    assert!(!holds(kept.thumbprint));
}
