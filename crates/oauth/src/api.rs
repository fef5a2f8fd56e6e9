//! The endpoints that programs talk to: token, introspection, revocation.
//!
//! Source: identity-security OA-02, OA-03, OA-06, OA-08; RFC 6749, RFC 7662, RFC 7009.

use access::{
    client::{Client, Kind},
    identity::{self, IdentityKey},
    policy::Permission,
    refresh::{self, Renewed},
    scope::{Plain, Scope, Scopes},
    session::Whose,
    token::{self, Exchanged},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Refusal, Secret, Text, hex};
use serde_json::{Map, Value, json};
use store::{
    Call, UNAVAILABLE,
    audit::sha256,
    caller::{Event, Purpose},
};
use web::{Answer, Body, Face, Method, Request, Route, handler, request::Form, route::Handler};

use crate::{
    authenticate::{self, Shown, once},
    errors, metadata,
};

static TOKEN: Event = Event {
    code: "oauth.token",
    ja: "接続用トークンの発行",
    en: "access token issued",
};
static INTROSPECT: Event = Event {
    code: "oauth.introspect",
    ja: "接続用トークンの照会",
    en: "access token introspected",
};
static REVOKE: Event = Event {
    code: "oauth.revoke",
    ja: "接続用トークンの取り消し",
    en: "access token revoked",
};
/// Characters of a PKCE verifier: RFC 7636 section 4.1.
const VERIFIER_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// Routes of programs. Whoever calls proves it in the body, so they are open.
#[must_use]
pub fn routes() -> Vec<Route> {
    let post = |path, event, (ja, en), handler: Handler| Route {
        method: Method::Post,
        path,
        face: Face::Api,
        permission: Permission::Public,
        event,
        purpose: Purpose::Operation,
        body: Body::Form,
        summary: Text { ja, en },
        handler,
    };
    vec![
        post(
            metadata::TOKEN,
            &TOKEN,
            ("接続用トークンの取得", "get an access token"),
            handler!(token),
        ),
        post(
            "/oauth/introspect",
            &INTROSPECT,
            ("接続用トークンの照会", "does an access token hold?"),
            handler!(introspect),
        ),
        post(
            "/oauth/revoke",
            &REVOKE,
            ("接続用トークンの取り消し", "revoke an access token"),
            handler!(revoke),
        ),
    ]
}

async fn token(request: Request) -> Result<Answer, Refusal> {
    let outcome = issue(&request).await;
    in_protocol(&request, outcome).await
}

async fn introspect(request: Request) -> Result<Answer, Refusal> {
    let outcome = tell(&request).await;
    in_protocol(&request, outcome).await
}

async fn revoke(request: Request) -> Result<Answer, Refusal> {
    let outcome = end(&request).await;
    in_protocol(&request, outcome).await
}

/// A refusal in the words of RFC 6749 section 5.2, with our own code beside them.
async fn in_protocol(
    request: &Request,
    outcome: Result<Answer, Refusal>,
) -> Result<Answer, Refusal> {
    let refusal = match outcome {
        Ok(answer) => return Ok(answer),
        Err(refusal) => refusal,
    };
    let Some(word) = errors::word(refusal.entry) else {
        return Err(refusal);
    };
    request.note_refusal(refusal.entry).await;
    let entry = refusal.entry;
    let answer = Answer::json(
        entry.status,
        &json!({
            "error": word,
            "error_description": format!("{}; {}", entry.cause.en, entry.remedy.en),
            "code": entry.code,
            "request_id": request.id().to_hex(),
        }),
    );
    // Who tried the header is told that there is no such way.
    let scheme = request
        .header("authorization")
        .filter(|_| entry.status == 401);
    Ok(match scheme {
        Some(_) => answer.with_header(http::header::WWW_AUTHENTICATE, "Bearer"),
        None => answer,
    })
}

async fn issue(request: &Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let grant_type = once(&form, "grant_type")?.ok_or_else(|| Refusal::new(&errors::REQUEST))?;
    let shown = authenticate::client(request, &form).await?;
    match grant_type {
        "client_credentials" => for_itself(request, &form, shown).await,
        "authorization_code" => by_code(request, &form, shown).await,
        "refresh_token" => by_refresh(request, &form, shown).await,
        _ => Err(Refusal::new(&errors::GRANT_TYPE)),
    }
}

/// The scopes that were asked for, or all that fit when none were named; each must be
/// registered.
///
/// # Errors
/// [`errors::SCOPE`].
pub(crate) fn asked(
    client: &Client,
    asked: Option<&str>,
    fits: impl Fn(&Scope) -> bool,
) -> Result<Scopes, Refusal> {
    let no = || Refusal::new(&errors::SCOPE);
    let registered = client.terms.scopes.only(&fits);
    let scopes = match asked {
        Some(text) => Scopes::parse(text).ok_or_else(no)?,
        None => registered.clone(),
    };
    if !scopes.is_empty() && registered.contain(&scopes) {
        Ok(scopes)
    } else {
        Err(no())
    }
}

async fn for_itself(request: &Request, form: &Form, shown: Shown) -> Result<Answer, Refusal> {
    if shown.client.terms.kind != Kind::Backend {
        return Err(Refusal::new(&errors::UNAUTHORIZED));
    }
    let scopes = asked(&shown.client, once(form, "scope")?, Scope::fits_system)?;
    let (client, told) = (shown.client.clone(), scopes.to_string());
    let text = request
        .write(move |call| {
            shown.settle(call)?;
            Ok(token::issue(
                call,
                &shown.client,
                &scopes,
                shown.certificate,
            )?)
        })
        .await?;
    Ok(issued(request, &client, &text, &told, Map::new()))
}

fn issued(
    request: &Request,
    client: &Client,
    text: &Secret<String>,
    scopes: &str,
    more: Map<String, Value>,
) -> Answer {
    let left = client.terms.ends_at.seconds() - request.at().seconds();
    let mut body = json!({
        "access_token": text.reveal(),
        "token_type": "Bearer",
        "expires_in": token::SECONDS.min(left),
        "scope": scopes,
    });
    if let Some(body) = body.as_object_mut() {
        body.extend(more);
    }
    Answer::json(200, &body).with_header(http::header::PRAGMA, "no-cache")
}

async fn by_code(request: &Request, form: &Form, shown: Shown) -> Result<Answer, Refusal> {
    if shown.client.terms.kind != Kind::App {
        return Err(Refusal::new(&errors::UNAUTHORIZED));
    }
    let need = |name| once(form, name)?.ok_or_else(|| Refusal::new(&errors::REQUEST));
    let (code, redirect) = (need("code")?.to_owned(), need("redirect_uri")?.to_owned());
    let verifier = need("code_verifier")?;
    if !VERIFIER_CHARS.contains(&verifier.len()) {
        return Err(Refusal::new(&errors::REQUEST));
    }
    let challenge = challenge(verifier);
    let client = shown.client.clone();
    let exchanged = request
        .write(move |call| {
            shown.settle(call)?;
            let certificate = shown.certificate;
            let outcome = token::exchange(
                call,
                &shown.client,
                &code,
                &redirect,
                &challenge,
                certificate,
            )?;
            if !matches!(outcome, Exchanged::Token(..)) {
                call.refuse_and_keep(&errors::GRANT);
            }
            Ok(outcome)
        })
        .await?;
    let (text, next, grant) = match exchanged {
        Exchanged::Token(text, next, grant) => (text, next, grant),
        Exchanged::Again => {
            request.app().gate.forget_tokens();
            return Err(Refusal::new(&errors::GRANT));
        }
        Exchanged::Wrong => return Err(Refusal::new(&errors::GRANT)),
    };
    let whose = grant.approver.whose;
    let mut more = about_user(request, &client, &grant.scopes, whose, &grant.nonce).await?;
    if let Some(next) = next {
        more.insert(
            "refresh_token".to_owned(),
            Value::from(next.reveal().as_str()),
        );
    }
    let scopes = grant.scopes.to_string();
    Ok(issued(request, &client, &text, &scopes, more))
}

async fn by_refresh(request: &Request, form: &Form, shown: Shown) -> Result<Answer, Refusal> {
    if shown.client.terms.kind != Kind::App {
        return Err(Refusal::new(&errors::UNAUTHORIZED));
    }
    let old = once(form, "refresh_token")?.ok_or_else(|| Refusal::new(&errors::REQUEST))?;
    let old = Secret::new(old.to_owned());
    let narrower = match once(form, "scope")? {
        Some(text) => Some(Scopes::parse(text).ok_or_else(|| Refusal::new(&errors::SCOPE))?),
        None => None,
    };
    let client = shown.client.clone();
    let renewed = request
        .write(move |call| {
            shown.settle(call)?;
            let (client, bound) = (&shown.client, shown.certificate);
            let outcome = refresh::renew(call, client, old.reveal(), narrower.as_ref(), bound)?;
            match outcome {
                Renewed::Tokens { .. } => {}
                Renewed::Wider => call.refuse_and_keep(&errors::SCOPE),
                Renewed::Wrong | Renewed::Again => call.refuse_and_keep(&errors::GRANT),
            }
            Ok(outcome)
        })
        .await?;
    let (access, next, scopes, from) = match renewed {
        Renewed::Tokens {
            access,
            next,
            scopes,
            from,
        } => (access, next, scopes, from),
        Renewed::Again => {
            request.app().gate.forget_tokens();
            return Err(Refusal::new(&errors::GRANT));
        }
        Renewed::Wrong => return Err(Refusal::new(&errors::GRANT)),
        Renewed::Wider => return Err(Refusal::new(&errors::SCOPE)),
    };
    let mut more = about_user(request, &client, &scopes, from.approver.whose, "").await?;
    more.insert(
        "refresh_token".to_owned(),
        Value::from(next.reveal().as_str()),
    );
    Ok(issued(request, &client, &access, &scopes.to_string(), more))
}

/// The challenge that a verifier answers (S256, the only method).
///
/// Source: RFC 7636 section 4.6.
#[must_use]
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(&[verifier.as_bytes()]))
}

/// What an app is told of its user: a name for them that is this app's alone and stays the
/// same. `fhirUser` has the form of an address, as SMART asks, and is that same name: no
/// resource about the user is served there, for an app needs to tell its users apart and
/// nothing more.
async fn about_user(
    request: &Request,
    client: &Client,
    scopes: &Scopes,
    whose: Whose,
    nonce: &str,
) -> Result<Map<String, Value>, Refusal> {
    let mut more = Map::new();
    let wants_id = scopes.has(Plain::OpenId);
    let wants_patient = scopes.has(Plain::LaunchPatient);
    if !wants_id && !wants_patient {
        return Ok(more);
    }
    let (kind, id) = match whose {
        Whose::Staff(_, staff) => ("Practitioner", staff.to_hex()),
        Whose::Patient(person) => ("Patient", person.to_hex()),
    };
    let client_id = client.id.to_hex();
    let app = client_id.clone();
    let subject = request
        .look_up(move |call| Ok(subject(call, kind, &id, &app)))
        .await?;
    if wants_patient && kind == "Patient" {
        more.insert("patient".to_owned(), Value::from(subject.as_str()));
    }
    if wants_id {
        let origin = &request.app().origin;
        let now = request.at().seconds();
        let mut claims = json!({
            "iss": origin, "sub": subject, "aud": client_id,
            "iat": now, "exp": now + token::SECONDS,
        });
        if scopes.has(Plain::FhirUser) {
            put(
                &mut claims,
                "fhirUser",
                format!("{origin}/fhir/{kind}/{subject}"),
            );
        }
        if !nonce.is_empty() {
            put(&mut claims, "nonce", nonce.to_owned());
        }
        let key = identity_key(request).await?;
        let signed = request.compute(move || key.sign(&claims)).await?;
        let signed = signed.ok_or_else(|| Refusal::new(&UNAVAILABLE))?;
        more.insert("id_token".to_owned(), Value::from(signed));
    }
    Ok(more)
}

fn put(claims: &mut Value, name: &str, value: String) {
    if let Some(claims) = claims.as_object_mut() {
        claims.insert(name.to_owned(), Value::from(value));
    }
}

/// The user's name for one app: two apps cannot tell that they have the same user.
fn subject(call: &Call<'_>, kind: &str, id: &str, client: &str) -> String {
    hex::encode(&call.directory_key("oauth-subject", &[kind, id, client]))
}

/// The key that signs; made now if it is the first time.
async fn identity_key(request: &Request) -> Result<IdentityKey, Refusal> {
    let known = request.look_up(|call| Ok(identity::keys(call)?)).await?;
    if let Some(key) = known.into_iter().next() {
        return Ok(key);
    }
    let made = request.compute(identity::make).await?;
    let made = Secret::new(made.map_err(|_| Refusal::new(&UNAVAILABLE))?);
    request
        .write(move |call| identity::keep(call, made.reveal()))
        .await
}

async fn tell(request: &Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let text = once(&form, "token")?.ok_or_else(|| Refusal::new(&errors::REQUEST))?;
    let text = Secret::new(text.to_owned());
    let shown = authenticate::client(request, &form).await?;
    if !shown.client.terms.scopes.has(Plain::Introspect) {
        return Err(Refusal::new(&errors::UNAUTHORIZED));
    }
    let found = request
        .write(move |call| {
            shown.settle(call)?;
            let token = token::find(call, text.reveal())?;
            // A token ends with its client.
            let client = match &token {
                Some(token) => access::client::find(call, token.client)?,
                None => None,
            };
            Ok(token.filter(|_| client.is_some()))
        })
        .await?;
    let Some(token) = found else {
        return Ok(Answer::json(200, &json!({ "active": false })));
    };
    let mut body = json!({
        "active": true,
        "scope": token.scopes,
        "client_id": token.client.to_hex(),
        "token_type": "Bearer",
        "iat": token.issued_at.seconds(),
        "exp": token.ends_at.seconds(),
        "iss": request.app().origin,
    });
    if let (Some(body), Some(bound)) = (body.as_object_mut(), token.certificate) {
        let bound = URL_SAFE_NO_PAD.encode(bound);
        body.insert("cnf".to_owned(), json!({ "x5t#S256": bound }));
    }
    Ok(Answer::json(200, &body))
}

async fn end(request: &Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let text = once(&form, "token")?.ok_or_else(|| Refusal::new(&errors::REQUEST))?;
    let text = Secret::new(text.to_owned());
    let shown = authenticate::client(request, &form).await?;
    request
        .write(move |call| {
            shown.settle(call)?;
            Ok(token::revoke(call, &shown.client, text.reveal())?)
        })
        .await?;
    request.app().gate.forget_tokens();
    // Whether there was such a token is told to nobody: RFC 7009 section 2.2.
    Ok(Answer::json(200, &json!({})))
}
