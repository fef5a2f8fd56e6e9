//! What the signed papers say: the repository itself, its head, and one set's manifest.

use kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::BackupError;

/// The format that this program writes; a higher one is refused.
pub(crate) const FORMAT: u32 = 1;

/// `repository.json`: fixed for the repository's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Charter {
    pub format: u32,
    /// First 16 bytes of the recipient's SHA-256, hexadecimal: the key cannot be swapped.
    pub repository: String,
    /// The age recipient, `age1…`.
    pub recipient: String,
    #[serde(with = "stamp")]
    pub made_at: Timestamp,
}

/// The first and last set of one series; empty when `first > last`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    pub first: u64,
    pub last: u64,
    /// SHA-256 of the last one's manifest.
    pub last_manifest: Option<String>,
}

impl Default for Span {
    fn default() -> Self {
        Self {
            first: 1,
            last: 0,
            last_manifest: None,
        }
    }
}

/// `head.json`: where each series begins and ends, so that a missing end is noticed.
/// It may lag behind one set that was committed right before a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub format: u32,
    pub repository: String,
    pub generations: Span,
    pub journal: Span,
    pub keys: Span,
    /// The newest generation's journal position.
    pub position: u64,
    /// The journal's last entry number, 0 for none.
    pub last_entry: u64,
    /// Its instant: the next one is never before it.
    #[serde(with = "stamp")]
    pub last_at: Timestamp,
}

impl Head {
    pub(crate) fn span(&mut self, series: Series) -> &mut Span {
        match series {
            Series::Generations => &mut self.generations,
            Series::Journal => &mut self.journal,
            Series::Keys => &mut self.keys,
        }
    }

    /// Takes in a set that stands complete under its final name.
    pub(crate) fn advance(&mut self, manifest: &Manifest, sha256: String) {
        let number = manifest.number;
        let span = self.span(manifest.content.series());
        span.last = number;
        span.last_manifest = Some(sha256);
        match &manifest.content {
            Content::Generation { position, .. } => self.position = *position,
            Content::Journal { last, last_at, .. } => {
                self.last_entry = self.last_entry.max(*last);
                self.last_at = self.last_at.max(*last_at);
            }
            Content::Keys { whole: true } => self.keys.first = number,
            Content::Keys { whole: false } => {}
        }
    }
}

/// The three series of sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Series {
    Generations,
    Journal,
    Keys,
}

/// One encrypted file of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileEntry {
    pub name: String,
    /// Length of the ciphertext.
    pub bytes: u64,
    /// SHA-256 of the ciphertext, hexadecimal.
    pub sha256: String,
    /// Length of what it holds, unpacked.
    pub plain_bytes: u64,
}

/// `manifest.json` of one set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub format: u32,
    pub repository: String,
    pub number: u64,
    #[serde(with = "stamp")]
    pub made_at: Timestamp,
    /// SHA-256 of the manifest before it in its series.
    pub previous: Option<String>,
    pub content: Content,
    pub files: Vec<FileEntry>,
}

/// What a set is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Content {
    Generation {
        engine: String,
        node: String,
        program: String,
        position: u64,
        about: serde_json::Value,
    },
    Journal {
        /// The newest generation when the segment was closed: the folder it stands in.
        generation: u64,
        first: u64,
        last: u64,
        #[serde(with = "stamp")]
        first_at: Timestamp,
        #[serde(with = "stamp")]
        last_at: Timestamp,
    },
    Keys {
        whole: bool,
    },
}

impl Content {
    pub(crate) const fn series(&self) -> Series {
        match self {
            Self::Generation { .. } => Series::Generations,
            Self::Journal { .. } => Series::Journal,
            Self::Keys { .. } => Series::Keys,
        }
    }
}

impl Manifest {
    /// The set's folder inside the repository.
    pub(crate) fn folder(&self) -> String {
        let number = self.number;
        match &self.content {
            Content::Generation { .. } => {
                format!("generations/{number:06}-{}", compact(self.made_at))
            }
            Content::Journal { generation, .. } => format!("journal/{generation:06}/{number:06}"),
            Content::Keys { .. } => format!("keys/{number:06}"),
        }
    }
}

/// `20261122T090000Z`.
fn compact(at: Timestamp) -> String {
    let whole = Timestamp::from_micros(at.seconds().saturating_mul(1_000_000));
    whole
        .to_string()
        .chars()
        .filter(|c| !matches!(c, '-' | ':'))
        .collect()
}

/// Refuses what a newer program wrote.
pub(crate) fn check_format(file: &str, format: u32) -> Result<(), BackupError> {
    if format > FORMAT {
        return Err(BackupError::FromFuture {
            file: file.to_owned(),
            format,
        });
    }
    Ok(())
}

mod stamp {
    use kernel::time::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        Timestamp::parse(&text).ok_or_else(|| D::Error::custom("not an instant"))
    }
}
