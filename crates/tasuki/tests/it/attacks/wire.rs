//! The demonstration as a process of its own, and one connection to it by hand.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use peers::oauth::{ClientKey, Credentials};
use serde_json::Value;

use crate::harness::wait_until;

const PATIENCE: Duration = Duration::from_secs(240);

/// The seeded sandbox on loopback; it and its folder go with this.
pub struct Sandbox {
    child: Child,
    folder: PathBuf,
    pub ready: Value,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
        let _left = fs::remove_dir_all(&self.folder);
    }
}

impl Sandbox {
    pub fn start(name: &str) -> Self {
        let folder = format!("tasuki-attack-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let _absent = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let ready_file = folder.join("ready.json");
        let log = fs::File::create(folder.join("log")).expect("a log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_tasuki"))
            .args(["demo", "--serve-only", "--people", "40", "--access-log"])
            .args(["--listen", "127.0.0.1:0", "--ready-file"])
            .arg(&ready_file)
            // Its own temporary data folder goes with ours.
            .env("TMPDIR", &folder)
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        wait_until("the sandbox is ready", || {
            let ended = child.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "the program ended by itself: {ended:?}");
            ready_file.is_file()
        });
        let ready = fs::read(&ready_file).expect("the ready file");
        let ready: Value = serde_json::from_slice(&ready).expect("JSON");
        let base = ready["base"].as_str().expect("an address");
        let address = base.trim_start_matches("http://").to_owned();
        Self {
            child,
            folder,
            ready,
            address,
        }
    }

    /// The session with which the page of this name is looked at: its token.
    pub fn session(&self, page: &str) -> String {
        let cookie = self.shot(page)["cookie"].as_str().expect("a cookie");
        let (_, token) = cookie.split_once('=').expect("name and value");
        token.to_owned()
    }

    /// The address of the page of this name.
    pub fn path(&self, page: &str) -> String {
        self.shot(page)["path"].as_str().expect("a path").to_owned()
    }

    fn shot(&self, page: &str) -> &Value {
        let shots = self.ready["shots"].as_array().expect("shots");
        let shot = shots.iter().find(|shot| shot["name"] == page);
        shot.unwrap_or_else(|| panic!("no page {page}"))
    }

    /// The authorization of the clinic's record system, a header line.
    pub fn clinic(&self) -> String {
        let clinic = &self.ready["clinic"];
        let key = ClientKey::from_text(clinic["key"].as_str().expect("a key"));
        let credentials = Credentials {
            client: clinic["client"].as_str().expect("a client").to_owned(),
            key: key.expect("a private key"),
        };
        let base = format!("http://{}", self.address);
        let token = credentials.token_now(&base).expect("a token");
        format!("authorization: Bearer {}\r\n", token.reveal())
    }

    pub fn open(&self) -> Wire {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Wire(BufReader::new(stream))
    }

    /// What it has logged so far.
    pub fn log(&self) -> Vec<u8> {
        fs::read(self.folder.join("log")).expect("a log")
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Heard {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// One connection that is used again and again.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    /// Sends a request; `headers` are whole lines.
    pub fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Heard {
        self.send(method, path, headers, body);
        self.hear()
    }

    pub fn send(&mut self, method: &str, path: &str, headers: &str, body: &str) {
        let length = body.len();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: t\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        self.raw(text.as_bytes());
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).expect("sent");
    }

    pub fn hear(&mut self) -> Heard {
        let (mut status, mut length, mut head) = (0, 0, String::new());
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).expect("a line");
            assert!(read > 0, "the connection ended in the head: {head:?}");
            head.push_str(&line);
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().expect("a status");
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().expect("a length");
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a body");
        let body = String::from_utf8(body).expect("UTF-8");
        Heard { status, head, body }
    }
}
