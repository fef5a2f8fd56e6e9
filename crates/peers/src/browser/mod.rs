//! A person at a screen: keeps cookies, fills in the forms that a page shows, looks where an
//! answer leads.
//!
//! A form is sent only when the page that was fetched has it, with all its hidden fields:
//! a journey cannot pass through a page on which a person could not go on.

mod html;

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use totp_rs::{Algorithm, Builder};

pub use html::{Form, forms};

use crate::http::{Ask, Http, Reply};

/// A browser with its cookies.
#[derive(Debug)]
pub struct Browser {
    http: Http,
    cookies: BTreeMap<String, String>,
    language: &'static str,
}

impl Browser {
    /// A fresh browser before the server at `base`, reading Japanese.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn new(base: &str) -> anyhow::Result<Self> {
        Ok(Self {
            http: Http::new(base)?,
            cookies: BTreeMap::new(),
            language: "ja",
        })
    }

    /// The same browser, reading English.
    #[must_use]
    pub const fn in_english(mut self) -> Self {
        self.language = "en";
        self
    }

    /// A cookie's value.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sets a cookie by hand: a session that was begun elsewhere, or a forged one.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Fetches a page.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Reply> {
        self.send("GET", path, &[("accept", "text/html")], &[])
            .await
    }

    /// Fetches JSON, as a page's script would.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn json(&mut self, path: &str) -> anyhow::Result<Reply> {
        self.send("GET", path, &[("accept", "application/json")], &[])
            .await
    }

    /// Posts JSON, as a page's script would.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn post_json(
        &mut self,
        path: &str,
        body: &serde_json::Value,
    ) -> anyhow::Result<Reply> {
        let origin = self.http.origin();
        let headers = [
            ("content-type", "application/json"),
            ("origin", origin.as_str()),
        ];
        self.send("POST", path, &headers, body.to_string().as_bytes())
            .await
    }

    /// Posts form fields just as they are given; a person uses [`Self::submit`].
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn post_form(
        &mut self,
        path: &str,
        fields: &[(String, String)],
    ) -> anyhow::Result<Reply> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let origin = self.http.origin();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin.as_str()),
        ];
        self.send("POST", path, &headers, body.as_bytes()).await
    }

    /// Fills in and sends the form of `page` that goes to `action`. A field given here takes
    /// the place of what the page has filled in under that name; a pressed button is a field
    /// too.
    ///
    /// # Errors
    /// When the page has no such form; as [`Http::send`].
    pub async fn submit(
        &mut self,
        page: &Reply,
        action: &str,
        fields: &[(&str, &str)],
    ) -> anyhow::Result<Reply> {
        let form = forms(&page.text())
            .into_iter()
            .find(|form| form.action == action)
            .with_context(|| format!("the page has no form that goes to {action}"))?;
        let filled = form.filled_in(fields);
        self.post_form(action, &filled).await
    }

    /// Goes where an answer leads.
    ///
    /// # Errors
    /// When it leads nowhere or to another server; as [`Http::send`].
    pub async fn follow(&mut self, reply: &Reply) -> anyhow::Result<Reply> {
        let path = reply
            .location()
            .filter(|path| path.starts_with('/') && !path.starts_with("//"))
            .map(str::to_owned)
            .with_context(|| {
                format!("an answer {} does not lead on in this server", reply.status)
            })?;
        self.get(&path).await
    }

    /// Logs a member of staff in: name and password, then the one-time code of the instant
    /// `unix` (seconds since 1970). The last reply is given back: 303 to `/` on success, else
    /// the page that says what was wrong.
    ///
    /// # Errors
    /// When a page lacks its form, or the secret is too short; as [`Http::send`].
    pub async fn log_in(
        &mut self,
        login: &str,
        password: &str,
        totp_secret: &[u8],
        unix: u64,
    ) -> anyhow::Result<Reply> {
        let page = self.get("/login").await?.expect(200)?;
        let fields = [("login", login), ("password", password)];
        let reply = self.submit(&page, "/login", &fields).await?;
        if reply.status != 303 {
            return Ok(reply);
        }
        let page = self.follow(&reply).await?.expect(200)?;
        let code = one_time_code(totp_secret, unix)?;
        self.submit(&page, "/login/code", &[("code", &code)]).await
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<Reply> {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let mut all = vec![("accept-language", self.language)];
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        all.extend_from_slice(headers);
        let reply = self
            .http
            .send(&Ask {
                method,
                path,
                headers: &all,
                body,
            })
            .await?;
        for (name, value) in &reply.headers {
            if name == "set-cookie" {
                take_cookie(&mut self.cookies, value);
            }
        }
        Ok(reply)
    }
}

/// Keeps or removes one cookie (RFC 6265, as far as one server needs it).
fn take_cookie(cookies: &mut BTreeMap<String, String>, line: &str) {
    let mut parts = line.split(';').map(str::trim);
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
        return;
    };
    let gone = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
    if gone {
        cookies.remove(name);
    } else {
        cookies.insert(name.to_owned(), value.to_owned());
    }
}

/// The six digits that an authenticator shows at an instant (RFC 6238, SHA-1, 30 seconds).
///
/// # Errors
/// When the secret is shorter than 128 bits.
pub fn one_time_code(secret: &[u8], unix: u64) -> anyhow::Result<String> {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret.to_vec())
        .build()
        .map_err(|error| anyhow!("no one-time codes from this secret: {error}"))?;
    Ok(totp.generate(unix).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_that_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits.
        let secret = b"12345678901234567890";
        for (unix, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(one_time_code(secret, unix).expect("a code"), code);
        }
        assert!(one_time_code(b"short", 0).is_err());
    }

    #[test]
    fn a_cookie_is_kept_replaced_and_removed() {
        let mut cookies = BTreeMap::new();
        take_cookie(&mut cookies, "s=1; Path=/; HttpOnly; SameSite=Strict");
        assert_eq!(cookies.get("s").map(String::as_str), Some("1"));
        take_cookie(&mut cookies, "s=2=; Path=/");
        assert_eq!(cookies.get("s").map(String::as_str), Some("2="));
        take_cookie(&mut cookies, "s=; Path=/; Max-Age=0");
        take_cookie(&mut cookies, "nonsense");
        assert!(cookies.is_empty());
    }
}
