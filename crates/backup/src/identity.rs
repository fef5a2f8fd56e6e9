//! The key that opens a repository, and its three shares.
//!
//! The key is an age X25519 identity. The repository keeps only the recipient; the 32
//! bytes of the identity are split by Shamir's scheme so that any two of three keepers
//! open a backup and one alone learns nothing.
//! Source: 医療情報システムの安全管理に関するガイドライン 6.0, 企画管理編 11 (keys apart from what they open).

use std::path::Path;

use age::secrecy::ExposeSecret;
use aws_lc_rs::digest::{SHA256, digest};
use blahaj::{Share, Sharks};
use kernel::{Secret, hex};

use crate::error::{BackupError, ShareFlaw};

const SHARES_NEEDED: u8 = 2;
const SHARES_MADE: usize = 3;
const SHARE_MARK: &str = "TASUKI1";
/// Share number, repository (16), the split key (32), checksum (4).
const SHARE_BYTES: usize = 53;
const CHECK_BYTES: usize = 4;
const KEY_FILE_BYTES_MAX: u64 = 64 * 1024;

/// The key of one repository.
#[derive(Clone)]
pub struct Identity {
    key: age::x25519::Identity,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.repository())
    }
}

impl Identity {
    pub(crate) fn generate() -> Self {
        Self {
            key: age::x25519::Identity::generate(),
        }
    }

    /// The public half, `age1…`, as in `repository.json`.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.key.to_public().to_string()
    }

    /// The id of the repository that this key opens: 32 hexadecimal digits.
    #[must_use]
    pub fn repository(&self) -> String {
        repository_id(&self.recipient())
    }

    /// The key as the text of an age identity file, for automated drills.
    #[must_use]
    pub fn to_file_text(&self) -> Secret<String> {
        Secret::new(format!(
            "# tasuki backup {}\n# public key: {}\n{}\n",
            self.repository(),
            self.recipient(),
            self.key.to_string().expose_secret()
        ))
    }

    /// From an age identity file, as `age-keygen` and [`Identity::to_file_text`] write it.
    ///
    /// # Errors
    /// [`BackupError::NotAnIdentity`] unless it holds exactly one X25519 identity,
    /// [`BackupError::Io`] when it cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, BackupError> {
        let length = std::fs::metadata(path)
            .map_err(BackupError::at(path))?
            .len();
        if length > KEY_FILE_BYTES_MAX {
            return Err(BackupError::NotAnIdentity);
        }
        let bytes = std::fs::read(path).map_err(BackupError::at(path))?;
        Self::from_file_text(&String::from_utf8_lossy(&bytes))
    }

    /// As [`Identity::from_file`], from the file's text.
    ///
    /// # Errors
    /// [`BackupError::NotAnIdentity`] unless it holds exactly one X25519 identity.
    pub fn from_file_text(text: &str) -> Result<Self, BackupError> {
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (lines.next(), lines.next()) {
            (Some(line), None) => line
                .parse()
                .map(|key| Self { key })
                .map_err(|_| BackupError::NotAnIdentity),
            _ => Err(BackupError::NotAnIdentity),
        }
    }

    /// Three letters, one for each keeper: printable, with share number and checksum.
    ///
    /// # Errors
    /// [`BackupError::NotAnIdentity`] when the key cannot be spelled out.
    pub fn split(&self) -> Result<[Secret<String>; SHARES_MADE], BackupError> {
        let text = self.key.to_string();
        let (_, bytes) =
            bech32::decode(text.expose_secret()).map_err(|_| BackupError::NotAnIdentity)?;
        let repository = self.repository();
        let letters: Vec<Secret<String>> = Sharks(SHARES_NEEDED)
            .dealer(&bytes)
            .take(SHARES_MADE)
            .map(|share| letter(&repository, &Vec::from(&share)))
            .collect();
        letters.try_into().map_err(|_| BackupError::NotAnIdentity)
    }

    /// From two or three share letters (or only their `TASUKI1…` lines); spaces, hyphens
    /// and case do not matter.
    ///
    /// # Errors
    /// [`BackupError::TooFewShares`]; [`BackupError::Share`] names the share that is
    /// mistyped, repeated or of another repository.
    pub fn from_shares(texts: &[&str]) -> Result<Self, BackupError> {
        let mut taken: Vec<Taken> = Vec::new();
        for (which, text) in (1_usize..).zip(texts) {
            let flawed = |flaw| BackupError::Share { which, flaw };
            let share = Taken::parse(text).map_err(flawed)?;
            if taken.iter().any(|t| t.repository != share.repository) {
                return Err(flawed(ShareFlaw::OtherRepository));
            }
            if taken.iter().any(|t| t.number() == share.number()) {
                return Err(flawed(ShareFlaw::Repeated));
            }
            taken.push(share);
        }
        if taken.len() < usize::from(SHARES_NEEDED) {
            return Err(BackupError::TooFewShares(taken.len()));
        }
        let shares: Vec<Share> = taken
            .iter()
            .filter_map(|t| Share::try_from(t.share.as_slice()).ok())
            .collect();
        let bytes = Sharks(SHARES_NEEDED)
            .recover(&shares)
            .map_err(|_| BackupError::TooFewShares(shares.len()))?;
        let prefix =
            bech32::Hrp::parse("age-secret-key-").map_err(|_| BackupError::NotAnIdentity)?;
        let text = bech32::encode_upper::<bech32::Bech32>(prefix, &bytes)
            .map_err(|_| BackupError::NotAnIdentity)?;
        let found = Self::from_file_text(&text)?;
        // The repository's name is derived from its key, so this proves the shares right.
        match taken.first() {
            Some(first) if hex::encode(&first.repository) == found.repository() => Ok(found),
            _ => Err(BackupError::NotAnIdentity),
        }
    }

    pub(crate) fn opens(&self, repository: &str) -> Result<(), BackupError> {
        let key = self.repository();
        if key == repository {
            return Ok(());
        }
        Err(BackupError::WrongKey {
            key,
            repository: repository.to_owned(),
        })
    }

    pub(crate) const fn key(&self) -> &age::x25519::Identity {
        &self.key
    }
}

/// The repository's name: it follows from the recipient, so that neither can be swapped.
pub(crate) fn repository_id(recipient: &str) -> String {
    let hash = digest(&SHA256, recipient.as_bytes());
    hex::encode(hash.as_ref().get(..16).unwrap_or_default())
}

/// A share as typed in.
struct Taken {
    repository: Vec<u8>,
    /// Share number, then one byte for each of the key's.
    share: Vec<u8>,
}

impl Taken {
    fn number(&self) -> Option<&u8> {
        self.share.first()
    }

    fn parse(text: &str) -> Result<Self, ShareFlaw> {
        let spelled = text
            .lines()
            .map(|line| line.trim().to_ascii_uppercase())
            .find_map(|line| line.strip_prefix(SHARE_MARK).map(str::to_owned))
            .ok_or(ShareFlaw::NotAShare)?;
        let digits: String = spelled
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        let bytes = hex::decode(&digits).ok_or(ShareFlaw::Mistyped)?;
        if bytes.len() != SHARE_BYTES {
            return Err(ShareFlaw::Mistyped);
        }
        let (body, sum) = bytes
            .split_at_checked(SHARE_BYTES.saturating_sub(CHECK_BYTES))
            .ok_or(ShareFlaw::Mistyped)?;
        if checksum(body) != sum {
            return Err(ShareFlaw::Mistyped);
        }
        let (head, key) = body.split_at_checked(17).ok_or(ShareFlaw::Mistyped)?;
        let (number, repository) = head.split_first().ok_or(ShareFlaw::Mistyped)?;
        Ok(Self {
            repository: repository.to_vec(),
            share: [std::slice::from_ref(number), key].concat(),
        })
    }
}

fn checksum(body: &[u8]) -> Vec<u8> {
    let hash = digest(&SHA256, body);
    hash.as_ref()
        .get(..CHECK_BYTES)
        .unwrap_or_default()
        .to_vec()
}

/// The text handed to one keeper.
fn letter(repository: &str, share: &[u8]) -> Secret<String> {
    let (number, key) = share.split_first().unwrap_or((&0, &[]));
    let mut body = vec![*number];
    body.extend(hex::decode(repository).unwrap_or_default());
    body.extend_from_slice(key);
    body.extend(checksum(&body));
    let digits = hex::encode(&body).to_ascii_uppercase();
    let groups: Vec<&str> = digits
        .as_bytes()
        .chunks(4)
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    Secret::new(format!(
        "バックアップの鍵の分割片 {number}/3(リポジトリ {repository})\n\
         3つのうち2つがそろうとバックアップを復元できます。1つだけでは何も分かりません。\n\
         紙に印刷し、ほかの2つとは別の人が別の場所で保管してください。\n\
         Share {number} of 3 of a backup key (repository {repository}).\n\
         Any two of the three restore the backup; one alone tells nothing.\n\
         Print it, and let another person keep it in another place than the other two.\n\
         {SHARE_MARK}-{}\n",
        groups.join("-")
    ))
}
