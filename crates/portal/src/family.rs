//! Family and proxies (家族・代理): who may act for me, for whom I may act, and doing so.
//!
//! This page is always about whoever holds the card, also while they act for another: so the
//! way back is open even when the relation has ended, and no proxy names proxies for others.
//! Nobody is searched for here: a proxy comes by an invitation's code, and both sides are
//! read from their own rows, without opening the other.
//!
//! Source: identity-security section 3.3.

use access::{
    errors as no,
    policy::Permission,
    proxy::{self, Relation, Remark, Scope},
};
use kernel::{Refusal, Secret, Text, id::RelationId};
use registry::ops as people;
use store::caller::{Event, Purpose, Role};
use web::{Answer, Body, Face, Method, Request, Route, errors::NO_SUCH, handler, route::Reply};

use crate::{events, frame, login};

mod pages;

/// The page.
const PATH: &str = "/portal/family";

/// Routes of family and proxies.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |path, event: &'static Event, summary, handler: fn(Request) -> Reply| {
        let is_page = path == PATH;
        Route {
            method: if is_page { Method::Get } else { Method::Post },
            path,
            face: Face::Portal,
            permission: if is_page {
                Permission::OwnData
            } else {
                Permission::OwnChoice
            },
            event,
            purpose: Purpose::OwnAccess,
            body: if is_page { Body::None } else { Body::Form },
            summary,
            handler,
        }
    };
    let text = |ja, en| Text { ja, en };
    vec![
        route(
            PATH,
            &events::FAMILY,
            text("家族・代理", "family and proxies"),
            handler!(page),
        ),
        route(
            "/portal/family/invite",
            &events::INVITE,
            text("代理人の招待", "invite a proxy"),
            handler!(invite),
        ),
        route(
            "/portal/family/uninvite",
            &events::UNINVITE,
            text("招待の取り消し", "take invitations back"),
            handler!(uninvite),
        ),
        route(
            "/portal/family/redeem",
            &events::REDEEM,
            text("代理の引き受け", "redeem an invitation"),
            handler!(redeem),
        ),
        route(
            "/portal/family/act",
            &events::ACT,
            text("代理での表示の開始", "act for somebody"),
            handler!(act),
        ),
        // Whoever may only look must be able to come back as well.
        Route {
            permission: Permission::OwnData,
            ..route(
                "/portal/family/leave",
                &events::LEAVE,
                text("代理での表示の終了", "go back to one's own pages"),
                handler!(leave),
            )
        },
        route(
            "/portal/family/end",
            &events::END,
            text("代理の終了", "end a relation"),
            handler!(end),
        ),
    ]
}

/// What the page tells.
struct Seen {
    name: String,
    /// May this person name proxies?
    may_name: bool,
    proxies: Vec<(Relation, Remark)>,
    charges: Vec<(Relation, Remark)>,
    invitations: i64,
}

/// What happened just before.
enum News<'a> {
    Nothing,
    Invited(&'a Secret<String>),
    Refused(&'a Refusal),
}

async fn see(request: &Request) -> Result<Seen, Refusal> {
    let me = frame::me(request)?;
    request
        .read(move |call| {
            let proxies = proxy::relations(call, me)?;
            let profile = people::profile(call, me)?;
            let age = profile.birth.age_on(call.at().jst_date());
            Ok(Seen {
                name: profile.name,
                may_name: age >= proxy::NAMING_AGE,
                proxies,
                charges: proxy::charges(call, me)?,
                invitations: proxy::open_invitations(call, me)?,
            })
        })
        .await
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    let is_acting = request.caller().role() == Role::Proxy;
    let request = request.as_oneself();
    let seen = see(&request).await?;
    Ok(pages::family(&request, &seen, is_acting, &News::Nothing))
}

/// The page again, with what went wrong above it.
async fn refused(request: &Request, why: &Refusal) -> Result<Answer, Refusal> {
    if why.entry.status >= 500 {
        return Err(why.clone());
    }
    let seen = see(request).await?;
    let answer = pages::family(request, &seen, false, &News::Refused(why));
    Ok(answer.with_status(why.entry.status))
}

/// Choices are the person's own: whoever acts for another first goes back.
fn own(request: Request) -> Result<Request, Refusal> {
    if request.caller().role() == Role::Proxy {
        return Err(Refusal::new(&no::PROXY_SCOPE));
    }
    Ok(request)
}

async fn invite(request: Request) -> Result<Answer, Refusal> {
    let request = own(request)?;
    let me = frame::me(&request)?;
    let form = request.form()?;
    let mut words = form.all("class").join(" ");
    // Who chooses for a person sees their choices.
    if words.split_ascii_whitespace().any(|word| word == "choose") {
        words.push_str(" consent");
    }
    let scope = Scope::parse(&words);
    let days = form.text("days").parse().unwrap_or_default();
    let made = request
        .write(move |call| {
            let scope = scope.as_ref().ok_or(&no::PROXY_IMPOSSIBLE)?;
            proxy::invite(call, me, scope, days)
        })
        .await;
    match made {
        Ok(code) => {
            let seen = see(&request).await?;
            Ok(pages::family(&request, &seen, false, &News::Invited(&code)))
        }
        Err(why) => refused(&request, &why).await,
    }
}

async fn uninvite(request: Request) -> Result<Answer, Refusal> {
    let request = own(request)?;
    let me = frame::me(&request)?;
    request
        .write(move |call| proxy::cancel_invitations(call, me))
        .await?;
    Ok(back(&request))
}

async fn redeem(request: Request) -> Result<Answer, Refusal> {
    let request = own(request)?;
    let me = frame::me(&request)?;
    let code = Secret::new(request.form()?.text("code").to_owned());
    let done = request
        .write(move |call| proxy::redeem(call, me, code.reveal()))
        .await;
    match done {
        Ok(_) => Ok(back(&request)),
        Err(why) => refused(&request, &why).await,
    }
}

fn back(request: &Request) -> Answer {
    Answer::see_other(&frame::link(request.lang(), PATH))
}

fn relation(request: &Request) -> Result<RelationId, Refusal> {
    let form = request.form()?;
    RelationId::parse(form.text("relation")).ok_or_else(|| Refusal::new(&NO_SUCH))
}

async fn end(request: Request) -> Result<Answer, Refusal> {
    let request = own(request)?;
    let (me, id) = (frame::me(&request)?, relation(&request)?);
    request
        .write(move |call| match proxy::end(call, me, id)? {
            true => Ok(()),
            false => Err(Refusal::new(&NO_SUCH).into()),
        })
        .await?;
    Ok(back(&request))
}

fn token(request: &Request) -> Result<String, Refusal> {
    let token = request.token().map(str::to_owned);
    token.ok_or_else(|| Refusal::new(&no::LOGIN_REQUIRED))
}

/// A new token in place of the one before, which opens nothing any more.
fn replaced(request: &Request, old: &str, new: &Secret<String>, next: &str) -> Answer {
    request.app().gate.forget(old);
    let next = frame::link(request.lang(), next);
    Answer::see_other(&next).with_session(new.reveal(), login::is_secure(request))
}

async fn act(request: Request) -> Result<Answer, Refusal> {
    let request = request.as_oneself();
    let (me, id) = (frame::me(&request)?, relation(&request)?);
    let old = token(&request)?;
    let given = old.clone();
    let new = request
        .write(move |call| {
            let new = proxy::act(call, me, &given, id)?;
            new.ok_or_else(|| Refusal::new(&NO_SUCH).into())
        })
        .await?;
    Ok(replaced(&request, &old, &new, "/portal"))
}

async fn leave(request: Request) -> Result<Answer, Refusal> {
    if request.caller().role() != Role::Proxy {
        return Ok(back(&request));
    }
    let request = request.as_oneself();
    let (me, old) = (frame::me(&request)?, token(&request)?);
    let given = old.clone();
    let new = request
        .write(move |call| proxy::leave(call, me, &given))
        .await?;
    Ok(replaced(&request, &old, &new, PATH))
}
