//! TLS through sockets: which versions, whose certificates, what is noted of peers.

use std::{io::Write as _, net::SocketAddr, process::Command, sync::Arc};

use access::terminal::{self, Terminal};
use kernel::{
    Secret, hex,
    id::{FacilityId, TerminalId},
    time::Clock as _,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use web::{
    peer::{PeerCertificate, Showed},
    serve::{Entrance, Side, Stopper, serve},
    tls::{Identity, Tls},
};

use super::*;

/// Says which certificate and which terminal it sees.
async fn who(request: Request) -> Result<Answer, Refusal> {
    let certificate = request
        .peer()
        .certificate
        .map(|sha256| hex::encode(&sha256));
    let terminal = request.caller().terminal.clone();
    Ok(Answer::json(
        200,
        &json!({ "certificate": certificate, "terminal": terminal.as_deref() }),
    ))
}

fn counter() -> Service {
    let open = |path| Route {
        permission: Permission::Public,
        ..route(Method::Get, path, Face::Api, Body::None, handler!(who))
    };
    let mut service = probe();
    service.routes.push(open("/api/who"));
    service.routes.push(open("/office/who"));
    service
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root")
}

struct Issued {
    pem: String,
    der: CertificateDer<'static>,
    key: KeyPair,
}

impl Issued {
    /// A certificate that ends with 2027.
    fn by(authority: &Authority, name: &str, usage: ExtendedKeyUsagePurpose) -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![usage];
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 12, 31);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, authority).expect("a certificate");
        Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key,
        }
    }

    fn identity(&self) -> Identity {
        Identity {
            chain: self.pem.clone().into_bytes(),
            key: Secret::new(self.key.serialize_pem().into_bytes()),
        }
    }

    fn sha256(&self) -> [u8; 32] {
        PeerCertificate::of(&self.der).sha256
    }
}

/// A program that listens by TLS, its authority, and the world behind it.
struct Place {
    world: World,
    clinic: Home,
    ours: Authority,
    tls: Arc<Tls>,
}

fn place() -> Place {
    let world = World::new(vec![counter()]);
    let clinic = world.facility("1310000001", "みどり診療所");
    let ours = authority("ours");
    let server = Issued::by(&ours, "server", ExtendedKeyUsagePurpose::ServerAuth);
    let roots = [ours.der().clone()];
    let tls = Tls::new(&server.identity(), &roots, world.clock.clone()).expect("usable");
    Place {
        world,
        clinic,
        ours,
        tls: Arc::new(tls),
    }
}

impl Place {
    fn client(&self) -> Issued {
        Issued::by(&self.ours, "terminal", ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn register(&self, certificate: &Issued, facility: FacilityId) -> TerminalId {
        let (sha256, id) = (certificate.sha256(), TerminalId::from_bytes([9; 16]));
        let terminal = Terminal {
            id,
            facility,
            kind: "reception".to_owned(),
            label: "受付1".to_owned(),
            ends_at: self.world.clock.now().plus_hours(24 * 365),
            ended_at: None,
        };
        self.world
            .set_up(move |call| Ok(terminal::register(call, &sha256, &terminal)?));
        id
    }

    /// Serves while `work` runs.
    fn while_serving<F: Future>(&self, work: impl FnOnce(SocketAddr) -> F) -> F::Output {
        self.while_serving_at(Side::Any, work)
    }

    fn while_serving_at<F: Future>(
        &self,
        side: Side,
        work: impl FnOnce(SocketAddr) -> F,
    ) -> F::Output {
        let entrance = Entrance {
            tls: Some(Arc::clone(&self.tls)),
            app: Some(Arc::clone(&self.world.app)),
            side,
        };
        let router = web::router(&self.world.app);
        block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let stopper = Stopper::default();
            let server = tokio::spawn(serve(listener, router, stopper.clone(), entrance));
            let found = work(address).await;
            stopper.stop();
            server.await.expect("ended").expect("in order");
            found
        })
    }

    /// One request on a connection of its own; `Err` when there was none.
    async fn ask(
        &self,
        address: SocketAddr,
        certificate: Option<&Issued>,
        path: &str,
        more: &str,
    ) -> Result<(u16, String), String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.ours.der().clone()).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_root_certificates(roots);
        let config = match certificate {
            None => builder.with_no_client_auth(),
            Some(own) => {
                // Unchecked: who steals a certificate does not have its key.
                let key = PrivateKeyDer::try_from(own.key.serialize_der()).expect("a key");
                let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).expect("ECDSA");
                let pair = CertifiedKey::new(vec![own.der.clone()], key);
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
            }
        };
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = TcpStream::connect(address).await.expect("let in");
        let name = ServerName::try_from("localhost").expect("a name");
        let mut stream = connector
            .connect(name, stream)
            .await
            .map_err(|e| e.to_string())?;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n");
        // In TLS 1.3 a refused certificate shows only after the client's own part is done.
        stream
            .write_all(request.as_bytes())
            .await
            .map_err(|e| e.to_string())?;
        let mut text = Vec::new();
        stream
            .read_to_end(&mut text)
            .await
            .map_err(|e| e.to_string())?;
        let text = String::from_utf8(text).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").ok_or("no answer")?;
        let status = head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
        Ok((status, body.to_owned()))
    }

    fn seen(&self) -> Vec<(Showed, u64)> {
        let mut seen: Vec<_> = self.world.app.seen.collect();
        seen.sort_by_key(|sighting| sighting.showed);
        assert!(seen.iter().all(|s| s.address.is_loopback()));
        assert!(seen.iter().all(|s| s.last == self.world.clock.now()));
        seen.into_iter()
            .map(|s| (s.showed, s.connections))
            .collect()
    }
}

fn code(answer: &Result<(u16, String), String>) -> (u16, String) {
    let (status, body) = answer.as_ref().expect("an answer");
    let body: Value = serde_json::from_str(body).expect("JSON");
    (
        *status,
        body["code"].as_str().unwrap_or_default().to_owned(),
    )
}

#[test]
fn a_registered_terminal_is_known_by_its_certificate_and_nobody_needs_one() {
    let place = place();
    let own = place.client();
    let id = place.register(&own, place.clinic.id);
    let (with, without) = place.while_serving(|address| {
        let (place, own) = (&place, &own);
        async move {
            (
                place.ask(address, Some(own), "/api/who", "").await,
                place.ask(address, None, "/api/who", "").await,
            )
        }
    });
    let wire = json!({ "certificate": hex::encode(&own.sha256()), "terminal": id.to_hex() });
    assert_eq!(with, Ok((200, wire.to_string())));
    let wire = json!({ "certificate": null, "terminal": null });
    assert_eq!(without, Ok((200, wire.to_string())));
    let certificate = PeerCertificate {
        sha256: own.sha256(),
    };
    assert_eq!(
        place.seen(),
        [(Showed::Nothing, 1), (Showed::Certificate(certificate), 1)]
    );
}

#[test]
fn a_certificate_of_ours_that_no_ledger_knows_or_that_was_ended_is_refused() {
    let place = place();
    let (stranger, own) = (place.client(), place.client());
    place.register(&own, place.clinic.id);
    let answers = place.while_serving(|address| {
        let (place, own, stranger) = (&place, &own, &stranger);
        async move {
            let before = place.ask(address, Some(own), "/api/who", "").await;
            let sha256 = own.sha256();
            let ended = place
                .world
                .set_up(move |call| Ok(terminal::end(call, &sha256)?));
            assert!(ended);
            place.world.app.gate.forget_terminal(&sha256);
            let after = place.ask(address, Some(own), "/api/who", "").await;
            let unknown = place.ask(address, Some(stranger), "/api/who", "").await;
            let alive = place.ask(address, Some(stranger), "/health/live", "").await;
            [before, after, unknown, alive]
        }
    });
    let [before, after, unknown, alive] = answers;
    assert_eq!(code(&before), is(200, ""));
    assert_eq!(code(&after), is(401, "TSK-WEB-012"));
    assert_eq!(code(&unknown), is(401, "TSK-WEB-012"));
    assert_eq!(code(&alive), is(200, ""));
}

#[test]
fn a_caller_at_the_terminal_of_another_facility_is_refused() {
    let place = place();
    let other = place.world.facility("1310000002", "あおい病院");
    let own = place.client();
    place.register(&own, other.id);
    let As::System(token) = place.world.system(&place.clinic) else {
        panic!("a system has a token");
    };
    let bearer = format!("authorization: Bearer {token}\r\n");
    let (with, without) = place.while_serving(|address| {
        let (place, own, bearer) = (&place, &own, &bearer);
        async move {
            (
                place.ask(address, Some(own), "/api/who", bearer).await,
                place.ask(address, None, "/api/who", bearer).await,
            )
        }
    });
    assert_eq!(code(&with), is(403, "TSK-WEB-013"));
    assert_eq!(code(&without), is(200, ""));
}

#[test]
fn a_certificate_of_others_for_servers_or_past_its_end_closes_the_connection_and_is_seen() {
    let place = place();
    let theirs = authority("ours");
    let foreign = Issued::by(&theirs, "terminal", ExtendedKeyUsagePurpose::ClientAuth);
    let server = Issued::by(&place.ours, "terminal", ExtendedKeyUsagePurpose::ServerAuth);
    let own = place.client();
    place.register(&own, place.clinic.id);
    let mut forged = place.client();
    forged.key = KeyPair::generate().expect("another key");
    for (what, refused) in [("foreign", &foreign), ("server", &server), ("key", &forged)] {
        let answer = place.while_serving(|address| {
            let place = &place;
            async move { place.ask(address, Some(refused), "/api/who", "").await }
        });
        assert!(answer.is_err(), "{what}: {answer:?}");
        assert_eq!(place.seen(), [(Showed::Refused, 1)], "{what}");
    }
    // The terminal's certificate ends with 2027; so does the server's, which clients check by
    // their own clock.
    place.world.clock.advance(2 * 365 * 86_400);
    let answer = place.while_serving(|address| {
        let (place, own) = (&place, &own);
        async move { place.ask(address, Some(own), "/api/who", "").await }
    });
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(place.seen(), [(Showed::Refused, 1)]);
}

/// The greeting of a client that knows TLS 1.2 and nothing newer.
fn hello_of_1_2() -> Vec<u8> {
    let extensions: &[u8] = &[
        0, 10, 0, 4, 0, 2, 0, 29, // supported_groups: x25519
        0, 13, 0, 6, 0, 4, 4, 3, 8, 4, // signature_algorithms: ECDSA P-256, RSA-PSS
        0, 11, 0, 2, 1, 0, // ec_point_formats: uncompressed
    ];
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0, 0]);
    body.push(u8::try_from(extensions.len()).expect("short"));
    body.extend(extensions);
    let length = u8::try_from(body.len()).expect("short");
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(body);
    record
}

#[test]
fn tls_1_2_is_refused_with_the_alert_for_it() {
    let place = place();
    let answer = place.while_serving(|address| async move {
        let mut stream = TcpStream::connect(address).await.expect("let in");
        stream.write_all(&hello_of_1_2()).await.expect("sent");
        let mut answer = Vec::new();
        let _closed = stream.read_to_end(&mut answer).await;
        answer
    });
    // A fatal alert, protocol_version (RFC 8446 section 6.2).
    assert_eq!(answer.get(..1), Some(&[21][..]), "{answer:?}");
    assert_eq!(answer.get(5..7), Some(&[2, 70][..]), "{answer:?}");
    assert_eq!(place.seen(), []);
}

#[test]
fn openssl_agrees_about_versions_ciphers_and_resumption() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("SKIPPED: a second opinion on TLS (openssl is not installed)");
        return;
    }
    let place = place();
    let told = place.while_serving(|address| async move {
        let ask = move |more: &'static [&'static str]| {
            let mut child = Command::new("openssl")
                .args(["s_client", "-connect", &address.to_string()])
                .args(["-servername", "localhost", "-alpn", "h2,http/1.1"])
                .args(more)
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .expect("it starts");
            let mut stdin = child.stdin.take().expect("piped");
            let _gone = stdin.write_all(
                b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
            );
            let output = child.wait_with_output();
            drop(stdin);
            let output = output.expect("its words");
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let run = |more| tokio::task::spawn_blocking(move || ask(more));
        (
            run(&["-tls1_3", "-ign_eof"]).await.expect("ran"),
            run(&["-tls1_2"]).await.expect("ran"),
        )
    });
    let (new, old) = told;
    assert!(new.contains("New, TLSv1.3, Cipher is TLS_"), "{new}");
    assert!(new.contains("ALPN protocol: http/1.1"), "{new}");
    assert!(new.contains("HTTP/1.1 200"), "{new}");
    assert!(!new.contains("Post-Handshake New Session Ticket"), "{new}");
    assert!(old.contains("Cipher is (NONE)"), "{old}");
    assert!(!old.contains("HTTP/1.1 200"), "{old}");
}

#[test]
fn a_renewed_certificate_is_shown_from_the_next_connection_on() {
    let mut place = place();
    let next = authority("the next");
    let answers = place.while_serving(|address| {
        let (place, next) = (&place, &next);
        async move {
            let before = place.ask(address, None, "/api/who", "").await;
            let renewed = Issued::by(next, "server", ExtendedKeyUsagePurpose::ServerAuth);
            let broken = Identity {
                chain: b"nothing".to_vec(),
                key: Secret::new(Vec::new()),
            };
            assert!(place.tls.renew(&broken, &[]).is_err());
            let kept = place.ask(address, None, "/api/who", "").await;
            let other = Identity {
                chain: renewed.identity().chain,
                key: place.client().identity().key,
            };
            assert!(place.tls.renew(&other, &[]).is_err(), "another's key");
            let roots = [next.der().clone()];
            place
                .tls
                .renew(&renewed.identity(), &roots)
                .expect("usable");
            // The old root is no longer the one that it is issued by.
            let after = place.ask(address, None, "/api/who", "").await;
            [before.is_ok(), kept.is_ok(), after.is_ok()]
        }
    });
    assert_eq!(answers, [true, true, false]);
    place.ours = next;
    let answer = place.while_serving(|address| {
        let place = &place;
        async move { place.ask(address, None, "/api/who", "").await }
    });
    assert_eq!(answer.expect("an answer").0, 200);
}

#[test]
fn the_administration_is_nowhere_but_at_its_own_address_when_it_has_one() {
    let place = place();
    for (side, status) in [(Side::Any, 200), (Side::Public, 404)] {
        let answer = place.while_serving_at(side, |address| {
            let place = &place;
            async move { place.ask(address, None, "/office/who", "").await }
        });
        assert_eq!(answer.expect("an answer").0, status, "{side:?}");
    }
}
