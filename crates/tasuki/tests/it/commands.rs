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

/// A package with one profile: a patient has a sex.
fn package() -> Vec<u8> {
    let profile = r#"{"resourceType":"StructureDefinition","url":"http://x.jp/P","name":"P",
        "status":"active","kind":"resource","abstract":false,"type":"Patient",
        "derivation":"constraint","snapshot":{"element":[
        {"id":"Patient","path":"Patient","min":0,"max":"*"},
        {"id":"Patient.gender","path":"Patient.gender","min":1,"max":"1",
         "base":{"path":"Patient.gender","min":0,"max":"1"}}]}}"#;
    let about = r#"{"name":"a.package","version":"1.0.0","fhirVersions":["4.0.1"]}"#;
    let packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(packed);
    for (name, text) in [
        ("package/package.json", about),
        ("package/StructureDefinition-P.json", profile),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(u64::try_from(text.len()).expect("a small file"));
        header.set_mode(0o644);
        archive
            .append_data(&mut header, name, text.as_bytes())
            .expect("a file");
    }
    let packed = archive.into_inner().expect("an archive");
    packed.finish().expect("an archive")
}

#[test]
fn a_package_is_loaded_whole_and_judged_by() {
    let folder = std::env::temp_dir().join(format!("tasuki-package-{}", std::process::id()));
    let data = folder.join("data");
    fs::create_dir_all(&data).expect("a folder");
    let data = data.display().to_string();
    let name = |name: &str| folder.join(name).display().to_string();
    let (whole, half, sexless) = (name("a.tgz"), name("half.tgz"), name("patient.json"));
    fs::write(&whole, package()).expect("written");
    fs::write(&half, &package()[..200]).expect("written");
    let claims = r#"{"resourceType":"Patient","meta":{"profile":["http://x.jp/P"]},"active":true}"#;
    fs::write(&sexless, claims).expect("written");
    let validate = |extra: &[&str]| {
        let out = tasuki(&[&["fhir", "validate", &sexless], extra].concat());
        let text = String::from_utf8(out.stdout).expect("UTF-8");
        (out.status.success(), text)
    };
    // By our own rules it is valid; the package knows more, given by name or loaded.
    assert!(validate(&[]).0);
    let by_name = validate(&["--package", &whole]);
    assert!(
        !by_name.0
            && by_name
                .1
                .contains("PROFILE-CARDINALITY-MIN\tPatient.gender")
    );
    assert!(validate(&["--data", &data]).0);
    let broken = tasuki(&["fhir", "load", &half, "--data", &data]);
    let said = String::from_utf8(broken.stderr).expect("UTF-8");
    assert!(
        !broken.status.success() && said.contains("TSK-PKG-001"),
        "{said}"
    );
    assert!(tasuki(&["fhir", "list", "--data", &data]).stdout.is_empty());
    assert!(
        tasuki(&["fhir", "load", &whole, "--data", &data])
            .status
            .success()
    );
    let list = String::from_utf8(tasuki(&["fhir", "list", "--data", &data]).stdout).expect("UTF-8");
    assert!(list.starts_with("a.package\t1.0.0\tsha256:"), "{list}");
    let (is_valid, text) = validate(&["--data", &data, "--json", "--on", "2026-11-22"]);
    assert!(!is_valid);
    let line: serde_json::Value = serde_json::from_str(text.trim()).expect("JSON");
    assert_eq!(line["findings"][0]["path"], "Patient.gender");
    assert_eq!(line["on"], "2026-11-22");
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn what_was_loaded_is_what_a_server_of_the_folder_judges_by() {
    let folder = std::env::temp_dir().join(format!("tasuki-loaded-{}", std::process::id()));
    let data = folder.join("data");
    fs::create_dir_all(&data).expect("a folder");
    let (archive, place) = (folder.join("a.tgz"), data.display().to_string());
    fs::write(&archive, package()).expect("written");
    let archive = archive.display().to_string();
    let loaded = tasuki(&["fhir", "load", &archive, "--data", &place]);
    assert!(loaded.status.success(), "{loaded:?}");
    let world = testkit::World::new(vec![fhir_server::service()]);
    let library = profiles::Library::load(&data).expect("a package");
    assert!(world.app.tell(std::sync::Arc::new(library)));
    let system = world.system(&world.facility("1310000001", "試験病院"));
    let judged = |profile: &str| {
        let path = format!("/fhir/$validate?profile={profile}");
        let patient = br#"{"resourceType":"Patient","active":true}"#;
        let reply = world.post_fhir(&system, &path, patient);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.text()
    };
    let found = judged("http%3A%2F%2Fx.jp%2FP");
    assert!(found.contains("PROFILE-CARDINALITY-MIN"), "{found}");
    let unknown = judged("http%3A%2F%2Fx.jp%2FQ");
    assert!(unknown.contains("TSK-FHR-055"), "{unknown}");
    fs::remove_dir_all(folder).expect("removed");
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
