//! T20, forgery of requests by the server: the program asks nobody for anything, whatever
//! addresses it is given.

use std::{
    fs, io,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;

use super::wire::Sandbox;

/// The only sources of the program that connect to anything, and to what: the operator's
/// collector, the operator's own socket and servers, from a clinic's node its one platform, and
/// receivers of notifications. Addresses come from the command line, or from a file that it
/// names; never from a request, but for a receiver's, which the operator allowed to the letter.
const CONNECT: [&str; 5] = [
    "crates/tasuki/src/otlp.rs",
    "crates/tasuki/src/commands/bench/mod.rs",
    "crates/tasuki/src/control.rs",
    "crates/tasuki/src/line.rs",
    "crates/tasuki/src/courier.rs",
];

/// Words without which no connection is opened from Rust.
const WORDS: [&str; 9] = [
    "TcpStream::connect",
    "UnixStream::connect",
    "UdpSocket",
    "TcpSocket",
    "lookup_host",
    "to_socket_addrs",
    "ureq::",
    "reqwest",
    "hyper::client",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_source_of_a_service_or_of_the_platform_opens_a_connection() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().expect("the workspace");
    let mut found = Vec::new();
    let (mut read, mut seen) = (0, Vec::new());
    for entry in fs::read_dir(root.join("crates")).expect("crates") {
        let krate = entry.expect("an entry").path();
        let name = krate.file_name().and_then(|name| name.to_str());
        // The other ends, tests and tools are no part of what serves.
        if matches!(name, Some("peers" | "testkit" | "xtask")) {
            continue;
        }
        let mut files = Vec::new();
        sources(&krate.join("src"), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).expect("a source");
            let place = file.strip_prefix(&root).expect("below the root");
            let place = place.to_str().expect("UTF-8").to_owned();
            // Tests are the other end themselves.
            if place.contains("/tests") {
                continue;
            }
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
            read += 1;
            for word in WORDS.iter().filter(|word| text.contains(**word)) {
                if CONNECT.contains(&place.as_str()) {
                    seen.push(place.clone());
                } else {
                    found.push(format!("{place}: {word}"));
                }
            }
        }
    }
    assert!(read > 100, "{read} sources");
    assert!(found.is_empty(), "{}", found.join("\n"));
    // So that the words are still those that open connections.
    assert!(
        seen.iter().any(|place| place.ends_with("otlp.rs")),
        "{seen:?}"
    );
}

/// A place to which no request must ever come.
struct Trap {
    port: u16,
    caught: Arc<AtomicUsize>,
}

impl Trap {
    fn set() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let caught = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&caught);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stream.is_ok() {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Ok(Self { port, caught })
    }

    /// Ways to write its address, some of which filters do not know.
    fn addresses(&self) -> Vec<String> {
        let port = self.port;
        [
            "127.0.0.1",
            "127.1",
            "localhost",
            "0.0.0.0",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "127.0.0.1.nip.io",
            "a@127.0.0.1",
            "169.254.169.254@127.0.0.1",
        ]
        .iter()
        .map(|host| format!("http://{host}:{port}/taken"))
        .chain([
            format!("//127.0.0.1:{port}/taken"),
            format!("gopher://127.0.0.1:{port}/_taken"),
            format!("file://127.0.0.1:{port}/etc/passwd"),
        ])
        .collect()
    }
}

#[test]
fn an_address_in_any_header_parameter_or_document_is_never_asked() {
    let trap = Trap::set().expect("a port");
    let sandbox = Sandbox::start("outbound");
    let clinic = sandbox.clinic();
    for address in trap.addresses() {
        for name in [
            "referer",
            "origin",
            "x-forwarded-host",
            "x-forwarded-for",
            "forwarded",
            "link",
            "from",
        ] {
            let line = format!("{name}: {address}\r\n");
            assert!(sandbox.open().ask("GET", "/login", &line, "").status < 500);
        }
        for path in [
            format!("/login?next={address}&lang={address}"),
            format!("/portal/login?start=1&url={address}"),
            format!("/.well-known/tasuki-seal-key?jwks_uri={address}"),
        ] {
            let heard = sandbox.open().ask("GET", &path, "", "");
            assert!(heard.status < 500, "{heard:?}");
            // Nor is a browser sent there.
            let head = heard.head.to_ascii_lowercase();
            assert!(!head.contains("taken"), "{head}");
        }
        // A key's address in the head of an assertion, and an issuer that is not ours.
        let part = |json: serde_json::Value| {
            use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
            URL_SAFE_NO_PAD.encode(json.to_string())
        };
        let head = part(
            json!({"alg": "RS384", "typ": "JWT", "jku": address, "x5u": address, "kid": address}),
        );
        let claims = part(
            json!({"iss": address, "sub": address, "aud": address, "jti": "1", "exp": 4_000_000_000_u64}),
        );
        let assertion = format!("{head}.{claims}.AAAA");
        let form = format!(
            "grant_type=client_credentials&scope=system&client_id={address}&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}&jwks_uri={address}&request_uri={address}&redirect_uri={address}"
        );
        let kind = "content-type: application/x-www-form-urlencoded\r\n";
        for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
            let heard = sandbox.open().ask("POST", path, kind, &form);
            assert!((400..500).contains(&heard.status), "{path}: {heard:?}");
        }
        // Every place of a document that a careless server would follow.
        let document = json!({
            "resourceType": "Bundle", "type": "document",
            "meta": { "source": address, "profile": [address] },
            "link": [{ "relation": "next", "url": address }],
            "entry": [{ "fullUrl": address, "resource": {
                "resourceType": "Patient", "implicitRules": address,
                "photo": [{ "url": address }], "managingOrganization": { "reference": address },
            }}],
        });
        let kind = format!("{clinic}content-type: application/fhir+json\r\n");
        for path in ["/fhir/Bundle/$register", "/fhir/Bundle/$validate"] {
            let heard = sandbox
                .open()
                .ask("POST", path, &kind, &document.to_string());
            assert!(heard.status < 500, "{heard:?}");
        }
        // A receiver that the operator has not allowed, in every place of a subscription.
        let subscription = json!({
            "resourceType": "Subscription", "status": "requested", "reason": address,
            "criteria": "urn:tasuki:topic:record-changed",
            "channel": {
                "type": "rest-hook", "endpoint": address, "header": [format!("X: {address}")],
            },
        });
        let heard = sandbox.open().ask(
            "POST",
            "/fhir/Subscription",
            &kind,
            &subscription.to_string(),
        );
        assert!((400..500).contains(&heard.status), "{heard:?}");
    }
    assert_eq!(trap.caught.load(Ordering::SeqCst), 0, "the server asked");
    // The trap does catch.
    std::net::TcpStream::connect(("127.0.0.1", trap.port)).expect("a trap");
    crate::harness::wait_until("the trap has closed", || {
        trap.caught.load(Ordering::SeqCst) == 1
    });
}
