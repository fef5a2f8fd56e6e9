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

#[test]
fn a_receipt_is_checked_offline_and_a_changed_one_is_not_valid() {
    use access::consent::{Category, receipt};
    use std::io::Write as _;

    let world = crate::routes::world();
    let home = world.facility("1311234567", "みどり診療所");
    let person = crate::routes::person(&world, 0);
    let facility = home.id;
    let (signed, key) = world.set_up(move |call| {
        let number = access::consent::give(call, person, facility, &[Category::Checkups], "pin")?;
        let origin = "https://tasuki.example";
        let found = eligibility::consents::receipt(call, person, None, number, origin)?;
        Ok((found.expect("a receipt"), call.paper_key()))
    });
    let key = kernel::hex::encode(&key);
    let json = serde_json::to_string(&eligibility::consents::wire(&signed)).expect("JSON");
    assert!(signed.text.starts_with(receipt::FORM));
    for (name, text, fits) in [
        ("receipt.txt", format!("{}\n", signed.text), true),
        ("receipt.json", json.clone(), true),
        (
            "changed.txt",
            signed.text.replace("checkups", "surgery"),
            false,
        ),
        (
            "changed.json",
            json.replacen("checkups", "surgery", 1),
            false,
        ),
        ("nothing.txt", String::new(), false),
    ] {
        let path = file(name, &text).display().to_string();
        let out = tasuki(&["consent", "verify", &path, "--key", &key]);
        let said = String::from_utf8(out.stdout).expect("UTF-8");
        assert_eq!(out.status.success(), fits, "{name}: {said}");
        let first = if fits {
            "有効 / valid"
        } else {
            "無効 / not valid"
        };
        assert!(said.starts_with(first), "{name}: {said}");
    }
    let other = "00".repeat(32);
    let path = file("other.txt", &signed.text).display().to_string();
    assert!(
        !tasuki(&["consent", "verify", &path, "--key", &other])
            .status
            .success()
    );
    // From the standard input.
    let mut child = Command::new(env!("CARGO_BIN_EXE_tasuki"))
        .args(["consent", "verify", "-", "--key", &key])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("an input");
    input.write_all(signed.text.as_bytes()).expect("written");
    drop(input);
    assert!(child.wait_with_output().expect("an end").status.success());
}
