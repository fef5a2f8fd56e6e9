//! The way in as an operator sets it up: TLS or a refusal, certificates that are renewed
//! while the program serves, and what `curl` says of it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};

use crate::harness::wait_until;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tasuki-door-{name}-{}", std::process::id()));
        let _absent = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn put(&self, name: &str, text: &str) -> String {
        // As whoever renews a certificate does it: whole or not at all.
        let (part, path) = (self.0.join(format!("{name}.part")), self.0.join(name));
        fs::write(&part, text).expect("written");
        fs::rename(&part, &path).expect("moved");
        path.to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.0);
    }
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, "a root");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a root"))
    }

    /// Certificate and key, as PEM.
    fn issue(&self, usage: ExtendedKeyUsagePurpose) -> (String, String) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, "a leaf");
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}

struct Program {
    child: Child,
    base: String,
    office: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn command(data: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tasuki"));
    command
        .args([
            "serve",
            "--drain-seconds",
            "0",
            "--reserve-mib",
            "0",
            "--data",
        ])
        .arg(data)
        .args(more)
        .stdin(Stdio::null());
    command
}

fn serve(data: &Path, more: &[&str]) -> Program {
    let mut command = command(data, &["--test-pki", "--listen", "127.0.0.1:0"]);
    command.args(["--office-listen", "127.0.0.1:0"]).args(more);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    let (base, office) = (line(), line());
    Program {
        child,
        base,
        office,
    }
}

fn curl(words: &[&str]) -> Output {
    Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--max-time", "20"])
        .args(words)
        .output()
        .expect("curl runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).to_lowercase()
}

#[test]
fn curl_comes_in_by_tls_1_3_alone_with_a_certificate_of_ours_or_none() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("SKIPPED: TLS with a foreign client (curl is not installed)");
        return;
    }
    use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    let folder = Folder::new("curl");
    let (ours, theirs, next) = (Authority::new(), Authority::new(), Authority::new());
    let (certificate, key) = ours.issue(ServerAuth);
    let (chain, key) = (folder.put("c.pem", &certificate), folder.put("k.pem", &key));
    let ca = folder.put("ca.pem", &ours.0.pem());
    let tls = ["--tls-cert", &chain, "--tls-key", &key, "--client-ca", &ca];
    let program = serve(&folder.0.join("data"), &tls);
    assert!(
        program.base.starts_with("https://127.0.0.1:"),
        "{}",
        program.base
    );
    assert!(program.office.starts_with("https://127.0.0.1:"));
    let page = format!("{}/login", program.base);

    let plain = curl(&["--cacert", &ca, &page]);
    let answer = text(&plain);
    let why = String::from_utf8_lossy(&plain.stderr);
    assert!(answer.starts_with("http/1.1 200"), "{answer}{why}");
    assert!(answer.contains("\r\nstrict-transport-security: max-age=31536000\r\n"));
    let secure = "; path=/; httponly; samesite=strict; secure";
    assert!(
        !answer.contains("set-cookie") || answer.contains(secure),
        "{answer}"
    );
    assert!(
        text(&curl(&[
            "--cacert",
            &ca,
            &format!("{}/login", program.office)
        ]))
        .contains(" 200 ")
    );

    // Refused: an older TLS, none at all, and who does not trust our root.
    for words in [
        &["--cacert", &ca, "--tls-max", "1.2", &page][..],
        &[&page.replace("https", "http")],
        &[&page],
    ] {
        let refused = curl(words);
        assert!(!refused.status.success(), "{words:?}: {}", text(&refused));
    }

    for (authority, status) in [(&ours, Some(" 401 ")), (&theirs, None)] {
        let (certificate, key) = authority.issue(ClientAuth);
        let own = folder.put("own.pem", &format!("{certificate}{key}"));
        let errors = format!("{}/errors.json", program.base);
        let answer = curl(&["--cacert", &ca, "--cert", &own, &errors]);
        match status {
            Some(status) => assert!(text(&answer).contains(status), "{}", text(&answer)),
            None => assert!(!answer.status.success(), "{}", text(&answer)),
        }
    }

    // Renewed while it serves; a broken file leaves the old in force.
    let hang_up = || {
        let id = program.child.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &id]).status();
        assert!(sent.expect("kill runs").success());
    };
    folder.put("c.pem", "broken");
    hang_up();
    assert!(text(&curl(&["--cacert", &ca, &page])).contains(" 200 "));
    let (certificate, key) = next.issue(ServerAuth);
    folder.put("k.pem", &key);
    folder.put("c.pem", &certificate);
    let next_ca = folder.put("next.pem", &next.0.pem());
    hang_up();
    wait_until("the renewed certificate is shown", || {
        text(&curl(&["--cacert", &next_ca, &page])).contains(" 200 ")
    });
    assert!(!curl(&["--cacert", &ca, &page]).status.success());
}

#[test]
fn without_tls_the_program_serves_nobody_but_who_tries_it_out_on_loopback() {
    let folder = Folder::new("refused");
    let authority = Authority::new();
    let (certificate, key) = authority.issue(ExtendedKeyUsagePurpose::ServerAuth);
    let (_, other) = authority.issue(ExtendedKeyUsagePurpose::ServerAuth);
    let chain = folder.put("c.pem", &certificate);
    let (key, other) = (folder.put("k.pem", &key), folder.put("o.pem", &other));
    let data = folder.0.join("data");
    let tls = ["--tls-cert", &chain, "--tls-key"];
    let table: [(Vec<&str>, &[&str]); 7] = [
        (vec![], &["--tls-cert", "--sandbox", "試用"]),
        (
            vec!["--sandbox", "--listen", "0.0.0.0:0"],
            &["0.0.0.0:0", "--tls-cert", "待ち受け"],
        ),
        (
            vec!["--sandbox", "--office-listen", "[::]:0"],
            &["[::]:0", "--tls-cert"],
        ),
        (
            [&tls[..], &[&key, "--origin", "http://hospital.example"]].concat(),
            &["--origin", "https://"],
        ),
        (
            vec!["--sandbox", "--origin", "http://a.example/path"],
            &["--origin", "http://"],
        ),
        ([&tls[..], &[&other]].concat(), &["do not fit"]),
        (
            [&tls[..], &["/nowhere/key.pem"]].concat(),
            &["/nowhere/key.pem"],
        ),
    ];
    for (more, words) in table {
        let output = command(&data, &more).output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{more:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{more:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{more:?}: {word} is not in {said}");
        }
        assert!(!data.exists(), "{more:?}: nothing is made");
    }
}
