//! How the session behind a request stands: locked, closed, half-way, bound to another
//! terminal; what that leaves open, and where a browser is led instead.
//!
//! Source: identity-security SESS-01 (the server refuses until re-authentication), SESS-02,
//! AUTH-04, AUTH-08, section 3.2 (step-up).

use access::{errors as no, gate::Login, policy::Permission};
use axum::http::uri::PathAndQuery;
use kernel::{Entry, Refusal};

use crate::{Face, Method, Request, Route};

/// The page where somebody shows a factor again.
pub const CONFIRM: &str = "/account/confirm";
/// The page of a locked session.
pub const LOCK: &str = "/lock";
/// The page where an initial password is changed.
pub const PASSWORD: &str = "/account/password";
/// The pages of an account that is not yet in order: its own mending, and the way out.
const MENDING: [&str; 7] = [
    PASSWORD,
    "/account/factors",
    "/account/factors/app",
    "/account/factors/passkey",
    "/account/factors/passkey/options",
    "/account/factors/card",
    "/logout",
];

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is none, or nothing is wrong with it.
    None,
    /// It has ended.
    Ended,
    /// It was closed by a log-in elsewhere.
    Replaced,
    /// It is locked.
    Locked,
    /// Its account is not yet in order.
    Mending,
}

impl Standing {
    /// What a session that is there, but not as it should be, cannot open.
    pub(crate) fn objection(self, route: &Route) -> Option<&'static Entry> {
        match self {
            Self::Locked if route.permission != Permission::Public => Some(&no::REAUTH_REQUIRED),
            Self::Mending
                if route.permission != Permission::Public && !MENDING.contains(&route.path) =>
            {
                Some(&no::PASSWORD_CHANGE)
            }
            _ => None,
        }
    }

    /// What somebody who is not logged in is told.
    pub(crate) const fn login_entry(self) -> &'static Entry {
        match self {
            Self::Ended => &no::SESSION_ENDED,
            Self::Replaced => &no::SESSION_REPLACED,
            Self::None | Self::Locked | Self::Mending => &no::LOGIN_REQUIRED,
        }
    }
}

/// Where a page's browser is led for this reason.
pub(crate) fn way(request: &Request, entry: &'static Entry, here: Option<&PathAndQuery>) -> String {
    if entry == &no::SESSION_ENDED {
        "/login?ended=1".to_owned()
    } else if entry == &no::SESSION_REPLACED {
        "/login?replaced=1".to_owned()
    } else if entry == &no::REAUTH_REQUIRED {
        with_next(request, LOCK, here)
    } else if entry == &no::PASSWORD_CHANGE {
        PASSWORD.to_owned()
    } else {
        "/login".to_owned()
    }
}

/// A page that leads on to where the browser wanted to go.
fn with_next(request: &Request, page: &str, here: Option<&PathAndQuery>) -> String {
    let here = here.map_or("/", PathAndQuery::as_str);
    let here = match request.route.method {
        Method::Get => here,
        _ => here.split('?').next().unwrap_or(here),
    };
    let next: String = form_urlencoded::byte_serialize(back(request, here).as_bytes()).collect();
    format!("{page}?next={next}")
}

/// Takes the session that the cookie belongs to.
///
/// # Errors
/// `SESSION_ELSEWHERE` when it is bound to a certificate that this connection did not show.
pub(crate) fn enter(
    request: &mut Request,
    token: String,
    login: Login,
) -> Result<Standing, Refusal> {
    if let Some(bound) = login.session().and_then(|session| session.origin.peer)
        && request.peer.certificate != Some(bound)
    {
        return Err(Refusal::new(&no::SESSION_ELSEWHERE));
    }
    let is_public = request.route.permission == Permission::Public;
    let (caller, session, standing) = match login {
        Login::None => return Ok(Standing::None),
        Login::Ended => return Ok(Standing::Ended),
        Login::Replaced => return Ok(Standing::Replaced),
        Login::HalfWay(_) if !is_public => return Ok(Standing::None),
        Login::HalfWay(session) => (None, session, Standing::None),
        Login::Locked(session) => (None, session, Standing::Locked),
        Login::MustChange(caller, session) => (Some(caller), session, Standing::Mending),
        Login::Full(caller, session) => (Some(caller), session, Standing::None),
    };
    if let Some(caller) = caller {
        request.intent.caller = *caller;
    }
    request.session = Some(session);
    request.token = Some(token);
    Ok(standing)
}

/// Where a page leads whose dangerous act needs the second factor first: to the confirmation,
/// and from there back to the page, if it is one.
pub(crate) fn confirm(request: &Request, here: Option<&PathAndQuery>) -> Option<String> {
    if request.route.face != Face::Page {
        return None;
    }
    Some(with_next(request, CONFIRM, here))
}

/// The address if it is a page of this program, else the account's page: what a link carries
/// must not lead anywhere else.
pub(crate) fn back<'a>(request: &Request, next: &'a str) -> &'a str {
    let is_page = |route: &Route| {
        route.method == Method::Get && route.face == Face::Page && fits(route.path, next)
    };
    if request.app.routes.iter().any(is_page) {
        next
    } else {
        "/account"
    }
}

/// Is it a local address of this route, in plain letters?
fn fits(pattern: &str, next: &str) -> bool {
    const PLAIN: &str = "/-_.~?=&%";
    let plain = |c: char| c.is_ascii_alphanumeric() || PLAIN.contains(c);
    if next.len() > 300 || !next.starts_with('/') || !next.chars().all(plain) {
        return false;
    }
    let path = next.split('?').next().unwrap_or(next);
    let mut parts = path.split('/');
    let all = pattern.split('/').all(|wanted| {
        let part = parts.next();
        let is_open = wanted.starts_with('{') && part.is_some_and(|part| !part.is_empty());
        is_open || part == Some(wanted)
    });
    all && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn the_way_back_is_a_page_of_this_program_and_nothing_else() {
        for (pattern, next, good) in [
            ("/accounts/{id}", "/accounts/1", true),
            ("/accounts/{id}", "/accounts/1?tab=2", true),
            ("/accounts/{id}", "/accounts/", false),
            ("/accounts/{id}", "/accounts/1/2", false),
            ("/accounts/{id}", "//accounts/1", false),
            ("/", "/", true),
            ("/", "//evil.example", false),
            ("/", "/\\evil.example", false),
            ("/", "https://evil.example/", false),
            ("/{any}", "/javascript:alert(1)", false),
            ("/{any}", "/a\r\nSet-Cookie: x", false),
            ("/", "", false),
        ] {
            assert_eq!(fits(pattern, next), good, "{pattern} {next}");
        }
    }
}
