//! Commands as somebody at a shell sees them.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

fn tasuki(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tasuki"))
        .args(args)
        .output()
        .expect("the program runs")
}

fn file(name: &str, content: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tasuki-commands-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    fs::write(&path, content).expect("written");
    path
}

#[test]
fn validate_gives_one_verdict_a_file_and_fails_when_one_is_invalid() {
    let today = kernel::time::JstDate::new(2026, 11, 22).expect("a date");
    let bundles = testkit::population::demo::bundles(today);
    let good = String::from_utf8(bundles[0].json.clone()).expect("UTF-8");
    let valid = file("valid.json", &good);
    let wrong = file(
        "wrong.json",
        &good.replacen("\"collection\"", "\"batch\"", 1),
    );
    let (valid, wrong) = (valid.display().to_string(), wrong.display().to_string());
    let one = tasuki(&["fhir", "validate", &valid]);
    assert!(one.status.success(), "{one:?}");
    let all = tasuki(&["fhir", "validate", &wrong, "absent.json", &valid]);
    assert!(!all.status.success());
    let text = String::from_utf8(all.stdout).expect("UTF-8");
    for line in [
        format!("INVALID\t{wrong}"),
        "UNREADABLE\tabsent.json".to_owned(),
        format!("valid\t{valid}"),
    ] {
        assert!(text.lines().any(|l| l.starts_with(&line)), "{line}: {text}");
    }
    assert!(text.contains("Bundle.type"), "{text}");
}

#[test]
fn verify_says_what_it_cannot_read() {
    let out = tasuki(&["audit", "verify", "--data", "no-such-folder"]);
    assert!(!out.status.success());
    assert!(!out.stderr.is_empty());
}

#[test]
fn a_trust_folder_with_a_test_anchor_is_refused_unless_asked_for() {
    let pki = signing::testpki::TestPki::new().expect("the test authority");
    let anchor = pki.certificate(signing::testpki::TestCa::Auth1);
    let place = std::env::temp_dir().join(format!("tasuki-trust-{}", std::process::id()));
    let (folder, data) = (place.join("trust"), place.join("data"));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("anchor.cer"), anchor).expect("written");
    let (folder, data) = (folder.display().to_string(), data.display().to_string());
    // Without TLS on loopback, so that the trust folder is all that is wrong.
    let arguments = [
        "serve",
        "--sandbox",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
    ];
    let refused = tasuki(&[&arguments[..], &["--trust", &folder]].concat());
    assert!(!refused.status.success(), "{refused:?}");
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(why.contains("public test key"), "{why}");
    // Nor does it listen to the world without TLS, or believe both kinds of anchors.
    let open = tasuki(&["serve", "--listen", "0.0.0.0:0", "--data", &data]);
    assert!(!open.status.success(), "{open:?}");
    let both = tasuki(&[&arguments[..], &["--trust", &folder, "--test-pki"]].concat());
    assert!(!both.status.success(), "{both:?}");
    let is_begun = std::path::Path::new(&data).exists();
    fs::remove_dir_all(&place).expect("removed");
    assert!(!is_begun, "a data folder was made");
}
