//! Log injection: whatever lines, colours and quotes a request holds, each line of the log
//! stays one JSON document, and none is the attacker's.

use serde_json::Value;

use super::wire::Sandbox;
use crate::harness::wait_until;

/// A line such as the program writes itself.
const FORGED: &str = r#"{"level":"INFO","target":"access_log","fields":{"message":"FORGED"}}"#;

#[test]
fn lines_colours_and_quotes_from_outside_forge_no_line_of_the_log() {
    let sandbox = Sandbox::start("logs");
    let encoded = |text: &str| {
        let octet = |byte: u8| format!("%{byte:02X}");
        text.bytes().map(octet).collect::<String>()
    };
    let poisons = [
        format!("\n{FORGED}\n"),
        format!("\r\n{FORGED}"),
        format!("\u{1b}[2J\u{1b}[31m{FORGED}"),
        format!("\"}}\n{FORGED}"),
        format!("\u{2028}{FORGED}\u{0085}"),
        "\0\u{8}\u{7f}FORGED".to_owned(),
    ];
    let mut sent = 0;
    for poison in &poisons {
        let poison = encoded(poison);
        for (method, path) in [
            ("GET", format!("/portal/history?below={poison}")),
            ("GET", format!("/{poison}")),
            ("GET", format!("/visits/{poison}")),
            ("GET", format!("/fhir/{poison}?{poison}={poison}")),
            ("POST", format!("/login?lang={poison}")),
        ] {
            let heard = sandbox.open().ask(method, &path, "", "");
            assert!((200..500).contains(&heard.status), "{path}: {heard:?}");
            sent += 1;
        }
        let form = format!("login={poison}&password={poison}");
        let kind = "content-type: application/x-www-form-urlencoded\r\n";
        let heard = sandbox.open().ask("POST", "/login", kind, &form);
        assert!(heard.status < 500, "{heard:?}");
        sent += 1;
    }
    // In headers, as far as their octets may stand there.
    let poison = format!("\u{1b}[31m\t{FORGED}");
    for name in [
        "user-agent",
        "referer",
        "origin",
        "traceparent",
        "x-request-id",
        "x-forwarded-for",
        "authorization",
        "cookie",
        "accept-language",
    ] {
        let heard = sandbox
            .open()
            .ask("GET", "/login", &format!("{name}: {poison}\r\n"), "");
        assert!(heard.status < 500, "{name}: {heard:?}");
        // Nor does it come back as a header of ours.
        assert!(!heard.head.contains("FORGED"), "{name}: {}", heard.head);
        sent += 1;
    }
    // A method and a version that are none, and a line that never was a request.
    for nonsense in [
        format!("{FORGED}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: t\r\n{FORGED}\r\n\r\n"),
        format!("\u{1b}[31mGET /{FORGED} HTTP/9.9\r\n\r\n"),
    ] {
        let mut wire = sandbox.open();
        wire.raw(nonsense.as_bytes());
        assert_eq!(wire.hear().status, 400, "{nonsense:?}");
    }
    let access = || {
        let log = String::from_utf8(sandbox.log()).expect("UTF-8");
        let whole = log.rfind('\n').map_or("", |end| &log[..end]).to_owned();
        let of_access = whole.lines().filter(|l| l.contains("access_log")).count();
        (whole, of_access)
    };
    wait_until("every request is in the log", || {
        // A header that cannot be parsed may end its request before it has a line.
        access().1 + 9 >= sent
    });
    let (log, _) = access();
    assert!(!log.contains("FORGED"), "{log}");
    for line in log.lines() {
        let parsed: Result<Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok_and(|json| json.is_object()), "{line:?}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}
