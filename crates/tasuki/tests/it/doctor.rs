//! Production mode as an operator meets it: refused with every reason at once, and begun when
//! all is mended; and the doctor, who says the same beforehand.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddrV4},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};

/// A folder that goes with the test, and what an operator keeps in it.
struct Office(PathBuf);

impl Office {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tasuki-fit-{name}-{}", std::process::id()));
        let _absent = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("trust")).expect("a folder");
        fs::create_dir_all(path.join("clock")).expect("a folder");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let root = CertifiedIssuer::self_signed(params, key).expect("a root");
        fs::write(path.join("trust/root.cer"), root.der()).expect("written");
        let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate = leaf.signed_by(&key, &root).expect("a certificate");
        fs::write(path.join("cert.pem"), certificate.pem()).expect("written");
        fs::write(path.join("key.pem"), key.serialize_pem()).expect("written");
        let office = Self(path);
        office.set_clock("0.000012", "Normal");
        office
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }

    /// Whoever keeps the clock says this: distance in seconds, state.
    fn set_clock(&self, distance: &str, state: &str) {
        let path = self.0.join("clock/chronyc");
        let report = format!("A,ntp,2,1.0,{distance},0,0,0,0,0,0,0,64,{state}");
        fs::write(&path, format!("#!/bin/sh\necho '{report}'\n")).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
    }

    fn tasuki(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tasuki"));
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{}:{path}", self.at("clock")))
            .args(words)
            .args(["--data", &self.at("data")])
            .stdin(Stdio::null());
        command
    }

    /// `serve --production` or `doctor` with what a real installation has, and `more`.
    fn real(&self, words: &[&str], more: &[&str]) -> Command {
        let mut command = self.tasuki(words);
        command.args([
            "--tls-cert",
            &self.at("cert.pem"),
            "--tls-key",
            &self.at("key.pem"),
        ]);
        command
            .args(["--listen", "127.0.0.1:0", "--reserve-mib", "0"])
            .args(more);
        command
    }

    fn run(&self, words: &[&str], more: &[&str]) -> (bool, String) {
        said(self.real(words, more).output().expect("it runs"))
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.0);
    }
}

fn said(output: Output) -> (bool, String) {
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

const SERVE: [&str; 2] = ["serve", "--production"];

#[test]
fn production_does_not_start_before_everything_is_mended() {
    let office = Office::new("mend");
    let trust = office.at("trust");
    let (started, why) = office.run(&SERVE, &[]);
    assert!(!started, "{why}");
    for reason in [
        "安全管理責任者",
        "カードの認証局",
        "safety officer",
        "card authorities",
    ] {
        assert!(why.contains(reason), "{reason}: {why}");
    }
    let (started, why) = office.run(&SERVE, &["--test-pki"]);
    assert!(!started && why.contains("試験用の鍵"), "{why}");
    let named = office
        .tasuki(&[
            "settings",
            "officer",
            "--name",
            "山田 花子",
            "--contact",
            "03-0000-0000",
        ])
        .output();
    let (named, why) = said(named.expect("it runs"));
    assert!(named, "{why}");
    office.set_clock("2.5", "Normal");
    let (started, why) = office.run(&SERVE, &["--trust", &trust]);
    assert!(!started && why.contains("時計: 同期していません"), "{why}");
    assert!(!why.contains("安全管理責任者"), "{why}");
    let (fit, why) = office.run(&["doctor"], &["--trust", &trust]);
    assert!(!fit && why.contains("× 時計"), "{why}");
    office.set_clock("0.001", "Normal");
    let (fit, why) = office.run(&["doctor"], &["--trust", &trust]);
    assert!(fit && why.contains("本番で使えます"), "{why}");
    let _program = Program::start(&office, &trust);
}

#[test]
fn production_does_not_start_on_the_accounts_of_the_sandbox() {
    let office = Office::new("sandbox");
    let storage =
        tasuki::storage::Storage::new(office.0.join("data"), tasuki::storage::Server::default());
    let gate = storage.open().expect("a store");
    let pki = signing::testpki::TestPki::new().expect("an authority");
    let story = tasuki::story::own(gate.now().jst_date());
    tasuki::town::build(&gate, &pki, 2, &story).expect("a town");
    drop(gate);
    let trust = office.at("trust");
    let (started, why) = office.run(&SERVE, &["--trust", &trust]);
    assert!(!started && why.contains("試験用のアカウント"), "{why}");
}

#[test]
fn the_program_listens_where_it_says_and_nowhere_else() {
    let office = Office::new("listen");
    let trust = office.at("trust");
    let (_, why) = office.run(&SERVE, &["--trust", &trust]);
    assert!(why.contains("安全管理責任者"), "{why}");
    let named = office.tasuki(&["settings", "officer", "--name", "山田", "--contact", "03"]);
    let (named, why) = said({ named }.output().expect("it runs"));
    assert!(named, "{why}");
    let program = Program::start(&office, &trust);
    let told: BTreeSet<String> = program
        .told
        .iter()
        .map(|line| {
            let place = line.split("://").nth(1).expect("an address");
            place.split('/').next().expect("a place").to_owned()
        })
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(listeners(program.child.id()), told);
}

struct Program {
    child: Child,
    told: Vec<String>,
}

impl Program {
    /// With every door that there is: the public one, the office, the metrics.
    fn start(office: &Office, trust: &str) -> Self {
        let doors = ["--office-listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"];
        let mut command = office.real(&SERVE, &["--trust", trust]);
        let mut child = command
            .args(doors)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let told: Vec<String> = lines.take(3).map(|line| line.expect("text")).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        Self { child, told }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Where a process listens, as the kernel says it.
fn listeners(process: u32) -> BTreeSet<String> {
    let folder = format!("/proc/{process}/fd");
    let own: BTreeSet<String> = fs::read_dir(Path::new(&folder))
        .expect("a process")
        .filter_map(|file| fs::read_link(file.ok()?.path()).ok())
        .filter_map(|link| {
            let link = link.to_str()?.strip_prefix("socket:[")?.to_owned();
            Some(link.trim_end_matches(']').to_owned())
        })
        .collect();
    let mut found = BTreeSet::new();
    for table in ["tcp", "tcp6"] {
        let text = fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let parts: Vec<&str> = line.split_whitespace().collect();
            // State 0A is "listening".
            if parts.get(3) == Some(&"0A") && own.contains(parts[9]) {
                found.insert(place(parts[1]));
            }
        }
    }
    found
}

/// `0100007F:1F90` as `127.0.0.1:8080`; what is not IPv4 stays as it is.
fn place(text: &str) -> String {
    let (address, port) = text.split_once(':').expect("address and port");
    let port = u16::from_str_radix(port, 16).expect("a port");
    match u32::from_str_radix(address, 16) {
        Ok(number) if address.len() == 8 => {
            SocketAddrV4::new(Ipv4Addr::from(number.swap_bytes()), port).to_string()
        }
        _ => text.to_owned(),
    }
}
