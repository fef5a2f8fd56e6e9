//! The authorization server through the router.

mod approving;
mod forging;
mod institution;
mod refreshing;
mod registering;
mod scopes;
mod tokens;

use access::{
    client::{self, Client, Kind, Terms},
    jwk::PublicKey,
    scope::Scopes,
    terminal::Terminal,
    token::Peer,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{id::TerminalId, net::Networks};
use peers::oauth::ClientKey;
use serde_json::{Value, json};
use store::caller::Home;
use testkit::{
    World,
    world::{As, ORIGIN, Reply},
};
use url::form_urlencoded;

const MINE: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];
const REDIRECT: &str = "https://app.example/back?from=tasuki";
const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

struct Place {
    world: World,
    clinic: Home,
}

struct Registered {
    client: Client,
    key: ClientKey,
}

fn place() -> Place {
    let services = vec![
        super::service(),
        eligibility::service(),
        records::service(),
        chart::service(),
        portal::service(),
    ];
    let world = World::new(services);
    let clinic = world.facility("1310000001", "襷診療所");
    // Two machines of the ledger; what is not in it does not get as far as here.
    let facility = clinic.id;
    world.set_up(move |call| {
        for certificate in [MINE, OTHER] {
            let terminal = Terminal {
                id: TerminalId::random(call.rng()),
                facility,
                kind: "server".to_owned(),
                label: "連携サーバー".to_owned(),
                ends_at: call.at().plus_hours(24 * 400),
                ended_at: None,
            };
            access::terminal::register(call, &certificate, &terminal)?;
        }
        Ok(())
    });
    Place { world, clinic }
}

fn terms(kind: Kind, scopes: &str, place: &Place) -> Terms {
    let redirects = match kind {
        Kind::App => vec![REDIRECT.to_owned()],
        Kind::Backend => Vec::new(),
    };
    Terms {
        name: "レセコン".to_owned(),
        kind,
        scopes: Scopes::parse(scopes).expect("scopes"),
        redirects,
        networks: Networks::default(),
        certificates: Vec::new(),
        needs_certificate: false,
        ends_at: place.world.app.gate.now().plus_hours(24 * 400),
    }
}

impl Place {
    fn register(&self, terms: Terms) -> Registered {
        let key = ClientKey::generate().expect("a key");
        let public = PublicKey::parse(&key.public().expect("public").to_string()).expect("JWK");
        let facility = self.clinic.id;
        let client = self.world.set_up(move |call| {
            let ends_at = call.at().plus_hours(24 * 365);
            client::register(call, facility, &terms, Some((&public, ends_at)))
        });
        Registered { client, key }
    }

    fn backend(&self, scopes: &str) -> Registered {
        self.register(terms(Kind::Backend, scopes, self))
    }

    fn app(&self, scopes: &str) -> Registered {
        self.register(terms(Kind::App, scopes, self))
    }

    /// The claims of a good assertion.
    fn claims(&self, of: &Registered, jti: &str) -> Value {
        let (id, now) = (of.client.id.to_hex(), self.world.app.gate.now().seconds());
        json!({
            "iss": id, "sub": id, "aud": format!("{ORIGIN}/oauth/token"),
            "iat": now, "exp": now + 300, "jti": jti,
        })
    }

    fn assertion(&self, of: &Registered, jti: &str) -> String {
        of.key.sign(&self.claims(of, jti)).expect("signed")
    }

    fn post_from(&self, peer: Peer, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.world
            .send_from(peer, &As::Nobody, "POST", path, &FORM, body.into_bytes())
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_from(Peer::default(), path, fields)
    }

    fn signed(&self, path: &str, assertion: &str, fields: &[(&str, &str)]) -> Reply {
        self.signed_from(Peer::default(), path, assertion, fields)
    }

    fn signed_from(
        &self,
        peer: Peer,
        path: &str,
        assertion: &str,
        fields: &[(&str, &str)],
    ) -> Reply {
        let mut all = vec![
            ("client_assertion_type", crate::assertion::TYPE),
            ("client_assertion", assertion),
        ];
        all.extend(fields);
        self.post_from(peer, path, &all)
    }

    fn ask_token(&self, assertion: &str, scope: &str) -> Reply {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let fields = if scope.is_empty() {
            &fields[..1]
        } else {
            &fields[..]
        };
        self.signed("/oauth/token", assertion, fields)
    }

    fn token(&self, of: &Registered, jti: &str, scope: &str) -> String {
        let reply = self.ask_token(&self.assertion(of, jti), scope);
        assert_eq!(reply.status, 200, "{}", reply.text());
        word(&reply, "access_token")
    }

    /// How many tokens, codes and used assertions are kept; an hour passes.
    fn kept(&self) -> usize {
        self.world.clock.advance(3_600);
        self.world.set_up(|call| Ok(access::token::sweep(call)?))
    }
}

fn shows(certificate: [u8; 32]) -> Peer {
    Peer {
        certificate: Some(certificate),
        address: None,
    }
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).expect("JSON")
}

fn word(reply: &Reply, name: &str) -> String {
    let value = json_of(reply);
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

fn error(reply: &Reply) -> (u16, String) {
    (reply.status, word(reply, "error"))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
