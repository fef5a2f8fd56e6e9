//! `/oauth/authorize`: a person or a member of staff sees who asks for what, and decides.
//!
//! What is wrong with the app or its return address is said on a page; only an address that
//! is registered, letter by letter, is ever led to.
//!
//! Source: identity-security OA-06; RFC 6749 section 4.1, RFC 7636, RFC 9207, SMART App Launch
//! 2.2 (authorization code).

use access::{
    client::{self, Client, Kind},
    policy::Permission,
    scope::{Plain, Scope, Scopes},
    session::Whose,
    token::{self, Approver, Grant},
};
use kernel::{Refusal, Text, id::ClientId};
use maud::{Markup, html};
use store::caller::{Actor, Event, Purpose};
use url::{Url, form_urlencoded};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Lang, Level, Tone},
};

use crate::{api, errors};

const PATH: &str = "/oauth/authorize";
/// Most characters of `state`, which goes back as it came.
const STATE_CHARS_MAX: usize = 1_024;
/// Most characters of `nonce`, which goes into the ID token.
const NONCE_CHARS_MAX: usize = 255;
/// Characters of an S256 challenge.
const CHALLENGE_CHARS: usize = 43;
/// The parameters that are carried from the page to the decision.
const CARRIED: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "aud",
    "code_challenge",
    "code_challenge_method",
];

static ASK: Event = Event {
    code: "oauth.ask",
    ja: "アプリ連携の確認",
    en: "an app asks to act for a user",
};
static APPROVE: Event = Event {
    code: "oauth.approve",
    ja: "アプリ連携の許可",
    en: "app approved by its user",
};

/// Routes of the decision.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method, event, body, (ja, en), handler| Route {
        method,
        path: PATH,
        face: Face::Page,
        permission: Permission::Public,
        event,
        purpose: Purpose::Operation,
        body,
        summary: Text { ja, en },
        handler,
    };
    vec![
        route(
            Method::Get,
            &ASK,
            Body::None,
            ("アプリ連携の確認", "an app asks to act for its user"),
            handler!(ask),
        ),
        route(
            Method::Post,
            &APPROVE,
            Body::Form,
            ("アプリ連携の許可", "the user's decision"),
            handler!(decide),
        ),
    ]
}

/// Parameters by name, each with all its values.
type Parameters<'r> = dyn Fn(&str) -> Vec<&'r str> + Sync + 'r;

/// To whom an answer is led back.
struct Back {
    redirect: String,
    state: Option<String>,
}

impl Back {
    /// The return address with these parameters, the caller's state and this server's name.
    fn with(&self, issuer: &str, parameters: &[(&str, &str)]) -> Answer {
        let Ok(mut url) = Url::parse(&self.redirect) else {
            return Answer::text(400, "");
        };
        let mut query = url.query_pairs_mut();
        query.extend_pairs(parameters);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", issuer);
        drop(query);
        Answer::see_other(url.as_str())
    }

    /// A refusal in the protocol's word.
    fn refused(&self, issuer: &str, word: &str, why: &str) -> Answer {
        self.with(issuer, &[("error", word), ("error_description", why)])
    }

    /// The origin that browsers must allow the page's form to lead on to.
    fn origin(&self) -> String {
        let url = Url::parse(&self.redirect);
        url.map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
    }
}

/// What an app asks for.
struct Asked {
    client: Client,
    back: Back,
    scopes: Scopes,
    challenge: String,
    nonce: String,
}

/// What becomes of what was asked.
enum Reading {
    /// It can be put before a user.
    Good(Box<Asked>),
    /// The app is told what is wrong.
    Wrong(Answer),
}

/// Reads what an app asks for.
async fn read(request: &Request, all: &Parameters<'_>) -> Result<Reading, Refusal> {
    let no = || Refusal::new(&errors::REDIRECT);
    let only = |name: &str| match all(name).as_slice() {
        [one] if !one.is_empty() => Some((*one).to_owned()),
        _ => None,
    };
    let id = only("client_id")
        .and_then(|id| ClientId::parse(&id))
        .ok_or_else(no)?;
    let redirect = only("redirect_uri").ok_or_else(no)?;
    let found = request
        .look_up(move |call| Ok(client::find(call, id)?))
        .await?;
    let (client, _) = found.ok_or_else(no)?;
    if client.terms.kind != Kind::App || !client.terms.redirects.contains(&redirect) {
        return Err(no());
    }
    let issuer = &request.app().origin;
    let state = only("state").filter(|state| state.len() <= STATE_CHARS_MAX);
    let back = Back { redirect, state };
    let wrong = |word, why| Ok(Reading::Wrong(back.refused(issuer, word, why)));
    if CARRIED.iter().any(|name| all(name).len() > 1) {
        return wrong("invalid_request", "a parameter came twice");
    }
    match only("response_type").as_deref() {
        Some("code") => {}
        Some(_) => return wrong("unsupported_response_type", "response_type must be code"),
        None => return wrong("invalid_request", "response_type is missing"),
    }
    if only("request").is_some() {
        return wrong("request_not_supported", "request objects are not taken");
    }
    if only("request_uri").is_some() {
        return wrong("request_uri_not_supported", "request objects are not taken");
    }
    let challenge = only("code_challenge").unwrap_or_default();
    let is_s256 = only("code_challenge_method").as_deref() == Some("S256");
    if !is_s256 || challenge.len() != CHALLENGE_CHARS {
        return wrong("invalid_request", "PKCE with S256 is required");
    }
    let nonce = only("nonce").unwrap_or_default();
    let is_here = |aud: &String| aud == issuer || *aud == format!("{issuer}/fhir");
    if nonce.len() > NONCE_CHARS_MAX || only("aud").is_some_and(|aud| !is_here(&aud)) {
        return wrong(
            "invalid_request",
            "nonce is too long, or aud is another server",
        );
    }
    if only("prompt").as_deref() == Some("none") {
        return wrong("interaction_required", "the user decides on a page");
    }
    let fits = |scope: &Scope| scope.fits_staff() || scope.fits_patient();
    let Ok(scopes) = api::asked(&client, only("scope").as_deref(), fits) else {
        return wrong("invalid_scope", "a scope is unknown or not registered");
    };
    Ok(Reading::Good(Box::new(Asked {
        client,
        back,
        scopes,
        challenge,
        nonce,
    })))
}

async fn ask(request: Request) -> Result<Answer, Refusal> {
    let all = |name: &str| request.query_all(name);
    let asked = match read(&request, &all).await? {
        Reading::Good(asked) => asked,
        Reading::Wrong(answer) => return Ok(answer),
    };
    let carried = carried(&all);
    let Some(approver) = approver(&request)? else {
        return Ok(log_in(&request, &asked, &carried));
    };
    let scopes = narrowed(&asked.scopes, &approver)?;
    // Browsers hold the page's policy also against where its form is led on to.
    let origin = asked.back.origin();
    Ok(question(&request, &asked, &scopes, &carried).with_form_target(&origin))
}

async fn decide(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    let all = |name: &str| form.all(name);
    let asked = match read(&request, &all).await? {
        Reading::Good(asked) => asked,
        Reading::Wrong(answer) => return Ok(answer),
    };
    let login = || Refusal::new(&access::errors::LOGIN_REQUIRED);
    let approver = approver(&request)?.ok_or_else(login)?;
    let issuer = request.app().origin.clone();
    if form.text("decision") != "approve" {
        let why = "the user did not agree";
        return Ok(asked.back.refused(&issuer, "access_denied", why));
    }
    let grant = Grant {
        facility: asked.client.facility,
        client: asked.client.id,
        redirect: asked.back.redirect.clone(),
        challenge: asked.challenge,
        nonce: asked.nonce,
        scopes: narrowed(&asked.scopes, &approver)?,
        approver,
        issued_at: request.at(),
    };
    let code = request
        .write(move |call| {
            // That somebody let an app in belongs into their own history.
            if let Whose::Patient(person) = grant.approver.whose {
                call.open(person)?;
            }
            Ok(token::grant(call, &grant)?)
        })
        .await?;
    Ok(asked.back.with(&issuer, &[("code", code.reveal())]))
}

/// Who decides: a person by their own card, or a member of staff; `None` for nobody yet. Nobody
/// hands on what they hold for somebody else.
///
/// # Errors
/// [`errors::PROXY`].
fn approver(request: &Request) -> Result<Option<Approver>, Refusal> {
    let (whose, session) = match &request.caller().actor {
        Actor::Staff {
            staff,
            home,
            session,
            ..
        } => (Whose::Staff(home.id, *staff), *session),
        Actor::Patient { person, session } => (Whose::Patient(*person), *session),
        Actor::Proxy { .. } => return Err(Refusal::new(&errors::PROXY)),
        _ => return Ok(None),
    };
    Ok(Some(Approver { whose, session }))
}

/// What of it is theirs to hand on; something more than their name must be left.
fn narrowed(scopes: &Scopes, approver: &Approver) -> Result<Scopes, Refusal> {
    let kept = match approver.whose {
        Whose::Staff(..) => scopes.only(Scope::fits_staff),
        Whose::Patient(_) => scopes.only(Scope::fits_patient),
    };
    if kept.is_empty() {
        return Err(Refusal::new(&errors::APPROVER));
    }
    Ok(kept)
}

fn carried(all: &Parameters<'_>) -> Vec<(&'static str, String)> {
    CARRIED
        .iter()
        .filter_map(|name| Some((*name, (*all(name).first()?).to_owned())))
        .collect()
}

fn page(request: &Request, title: &str, body: Markup) -> Answer {
    let is_staff = request.caller().home().is_some();
    Answer::page(ui::page(&ui::Page {
        lang: request.lang(),
        shell: if is_staff {
            ui::Shell::Staff
        } else {
            ui::Shell::Portal
        },
        title,
        home_href: if is_staff { "/" } else { "/portal" },
        environment_banner: request.app().banner,
        body,
        ..ui::Page::default()
    }))
}

fn log_in(request: &Request, asked: &Asked, carried: &[(&'static str, String)]) -> Answer {
    let lang = request.lang();
    let query: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(carried)
        .finish();
    let here = format!("{PATH}?{query}");
    let name = &asked.client.terms.name;
    let body = html! {
        (ui::notice(lang, Level::Info, lang.pick("先にログインしてください", "Log in first"), &html! {
            p {
                (lang.pick("アプリ「", "The app \""))
                (name)
                (lang.pick("」が、あなたの情報を使う許可を求めています。ログインすると、何を渡すかを確認する画面に進みます。", "\" asks to use your information. After logging in you will see what it asks for."))
            }
        }))
        (ui::actions(&[
            ui::button_link("/portal/login", lang.pick("マイナンバーカードでログインする(患者さん)", "Log in by My Number card (patients)"), Tone::Primary),
            ui::button_link("/login", lang.pick("職員としてログインする", "Log in as staff"), Tone::Secondary),
            ui::button_link(&here, lang.pick("ログイン済みの方は次へ", "Already logged in: go on"), Tone::Secondary),
        ]))
    };
    let title = lang.pick("アプリ連携の確認", "An app asks for access");
    page(request, title, body).with_next(&here, request.app().is_secure())
}

fn question(
    request: &Request,
    asked: &Asked,
    scopes: &Scopes,
    carried: &[(&'static str, String)],
) -> Answer {
    let lang = request.lang();
    let terms = &asked.client.terms;
    let shown = format!("{} ({})", terms.name, asked.back.origin());
    // Two scopes may mean the same to a person.
    let mut said: Vec<String> = Vec::new();
    for words in scopes.iter().map(|scope| words(lang, scope)) {
        if !said.contains(&words) {
            said.push(words);
        }
    }
    let what = html! {
        ul { @for words in &said { li { (words) } } }
    };
    let rows = [
        ui::Fact {
            label: lang.pick("アプリ", "App"),
            value: html! { (shown) },
        },
        ui::Fact {
            label: lang.pick("渡すもの", "What it gets"),
            value: what,
        },
        ui::Fact {
            label: lang.pick("使える時間", "For how long"),
            value: html! {
                @if scopes.has(Plain::OnlineAccess) {
                    (lang.pick("ログアウトするまで(最長12時間)", "until you log out, 12 hours at most"))
                } @else {
                    (lang.pick("許可してから5分間", "5 minutes from your approval"))
                }
            },
        },
    ];
    let form = html! {
        @for (name, value) in carried { (ui::hidden(name, value)) }
        (ui::actions(&[
            ui::submit_with(lang.pick("許可する", "Allow"), Tone::Primary, "decision", "approve"),
            ui::submit_with(lang.pick("許可しない", "Do not allow"), Tone::Secondary, "decision", "deny"),
        ]))
    };
    let body = html! {
        p { (lang.pick("このアプリに、次の情報を渡してよいか確認してください。心当たりがないときは「許可しない」を選んでください。", "Please check whether this app may have the following. If you did not start this, do not allow it.")) }
        (ui::facts("", &rows))
        (ui::form(PATH, &request.csrf(), &form))
    };
    let title = lang.pick("アプリ連携の確認", "An app asks for access");
    page(request, title, body)
}

/// A scope as a person understands it.
fn words(lang: Lang, scope: &Scope) -> String {
    let fixed = match scope {
        Scope::Plain(Plain::OpenId | Plain::FhirUser) => lang.pick(
            "あなたを見分けるための番号(氏名は含みません)",
            "a number that stands for you (not your name)",
        ),
        Scope::Plain(Plain::LaunchPatient) => lang.pick(
            "どなたの情報かを示す番号",
            "a number that stands for the patient",
        ),
        Scope::Plain(Plain::OnlineAccess) => lang.pick(
            "あなたがログアウトするまで、続けて使うこと",
            "to go on until you log out",
        ),
        Scope::Plain(Plain::Eligibility) => {
            lang.pick("資格確認を行うこと", "to verify eligibility")
        }
        Scope::Plain(Plain::Register) => lang.pick(
            "資格・公費の台帳に登録すること",
            "to load coverage and subsidies",
        ),
        Scope::Plain(Plain::Consent) => lang.pick(
            "患者さんの同意を登録すること",
            "to record a patient's consent",
        ),
        Scope::Plain(Plain::Launch | Plain::Introspect) => lang.pick(
            "電子カルテの画面との連携",
            "to work with the record system's screen",
        ),
        Scope::Clinical { resource, .. } if resource == "*" => lang.pick(
            "診療情報(病名・アレルギー・検査など)を見ること",
            "to see health information (conditions, allergies, laboratory and so on)",
        ),
        Scope::Clinical { resource, .. } => {
            return format!(
                "{} ({resource})",
                lang.pick("診療情報の一部", "part of the health information")
            );
        }
    };
    fixed.to_owned()
}
