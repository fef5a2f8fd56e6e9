//! The file that makes a program a clinic's own node: which platform, as which system, with
//! which keys. Paths in it are taken from the file's own folder.
//!
//! ```toml
//! url = "https://platform.example"   # as its --origin
//! facility = "1310000001"
//! client = "…"                       # the client_id, 32 hexadecimal digits
//! key = "key.pem"                    # of `tasuki client key --copy`
//! copy_key = "copy.key"
//! platform_key = "…"                 # 64 hexadecimal digits, as `tasuki client copy` prints it
//! ca = "root.pem"                    # the platform's roots
//! every_minutes = 15
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use counter::Upstream;
use eligibility::snapshot::paper::Identity;
use kernel::{code::FacilityCode, hex, id::ClientId};
use peers::oauth::{ClientKey, Credentials};
use serde::Deserialize;

use crate::line::Wire;

/// Minutes between two copies, unless the file says otherwise.
const EVERY_MINUTES: i64 = 15;
/// At least once in a good part of the hours for which a copy is good.
const EVERY_MINUTES_MAX: i64 = 24 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    url: String,
    facility: String,
    client: String,
    key: PathBuf,
    copy_key: PathBuf,
    platform_key: String,
    ca: Option<PathBuf>,
    every_minutes: Option<i64>,
}

/// Reads the file and the keys that it names.
///
/// # Errors
/// Which part of it cannot be used.
pub fn read(path: &Path) -> anyhow::Result<Upstream> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("{} を読めません / cannot be read", path.display()))?;
    let file: File = toml::from_str(&text).with_context(|| {
        format!(
            "{} の書き方が正しくありません / is malformed",
            path.display()
        )
    })?;
    let beside = |name: &Path| path.parent().unwrap_or(Path::new("")).join(name);
    let read = |name: &Path| {
        let place = beside(name);
        fs::read_to_string(&place)
            .with_context(|| format!("{} を読めません / cannot be read", place.display()))
    };
    let client = ClientId::parse(&file.client)
        .context("client は32けたの16進数です / client is 32 hexadecimal digits")?;
    let facility = FacilityCode::from_register(&file.facility)
        .ok()
        .context("facility は10けたの施設コードです / facility is a ten-digit code")?;
    let signer: [u8; 32] = hex::decode_array(&file.platform_key)
        .context("platform_key は64けたの16進数です / platform_key is 64 hexadecimal digits")?;
    let every = file.every_minutes.unwrap_or(EVERY_MINUTES);
    ensure!(
        (1..=EVERY_MINUTES_MAX).contains(&every),
        "every_minutes は1から{EVERY_MINUTES_MAX}です / every_minutes is 1 to {EVERY_MINUTES_MAX}"
    );
    let identity = Identity::parse(&read(&file.copy_key)?)
        .context("copy_key の鍵を読めません / copy_key holds no age identity")?;
    let credentials = Credentials {
        client: file.client.clone(),
        key: ClientKey::from_text(&read(&file.key)?)?,
    };
    let roots = file.ca.as_deref().map(read).transpose()?;
    let url = file.url.trim_end_matches('/');
    if !is_safe(url) {
        bail!(
            "url は https:// で始まる接続先です(http:// はこの機器の中だけ) / url begins with https:// (http:// on this machine only): {url}"
        );
    }
    let line = Wire::new(url, credentials, roots.as_deref())?;
    Ok(Upstream::new(
        (facility.as_str().to_owned(), client),
        (signer, identity),
        every,
        Box::new(line),
    ))
}

/// By TLS, or on this machine; scheme, host and port alone.
fn is_safe(url: &str) -> bool {
    let near = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    let rest = match url.strip_prefix("https://") {
        Some(rest) => rest,
        None => match near.iter().find_map(|begin| url.strip_prefix(begin)) {
            Some(port) => return port.parse::<u16>().is_ok(),
            None => return false,
        },
    };
    !rest.is_empty() && !rest.contains(['/', '@', '?', '#', ' '])
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn only_tls_leads_off_this_machine() {
        for (url, safe) in [
            ("https://platform.example", true),
            ("https://platform.example:8443", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://platform.example", false),
            ("http://127.0.0.1:80@evil.example", false),
            ("http://127.0.0.1:8080/x", false),
            ("https://a@platform.example", false),
            ("https://platform.example/x", false),
            ("ftp://platform.example", false),
            ("https://", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }
}
