//! Writing one generation.

use std::io::{self, Write};
use std::sync::Arc;

use kernel::time::Timestamp;

use crate::error::BackupError;
use crate::journal;
use crate::paper::Content;
use crate::repository::{self, Generation};
use crate::rotation::{self, Rotated};
use crate::stream::StreamWriter;
use crate::writer::{Draft, Shared};

/// A generation under work: write the data stream into it.
pub struct GenerationWriter {
    shared: Arc<Shared>,
    draft: Draft,
    stream: StreamWriter,
    /// The journal's last entry when it was begun: what it holds must reach there.
    floor: u64,
}

/// What the caller tells of a generation.
#[derive(Clone, Debug)]
pub struct Made {
    /// Now.
    pub at: Timestamp,
    /// The database engine, such as `sqlite`.
    pub engine: String,
    /// The node's id.
    pub node: String,
    /// The program's version.
    pub program: String,
    /// The last journal entry that the data stream holds.
    pub position: u64,
    /// Anything that a drill compares: table counts and hashes.
    pub about: serde_json::Value,
}

/// A generation that is complete, and how the rotation after it went.
#[derive(Debug)]
#[must_use]
pub struct Completed {
    /// The new generation.
    pub generation: Generation,
    /// What was protected and removed; the generation stands even when this failed.
    pub rotated: Result<Rotated, BackupError>,
}

impl GenerationWriter {
    pub(crate) fn begin(shared: &Arc<Shared>) -> Result<Self, BackupError> {
        let draft = Draft::begin(shared, "generation")?;
        Ok(Self {
            stream: draft.stream("data", shared),
            draft,
            floor: shared.head().last_entry,
            shared: Arc::clone(shared),
        })
    }

    /// Completes the generation: synced, signed, in place; then rotates.
    ///
    /// # Errors
    /// [`BackupError::Unfinished`] when a write failed before,
    /// [`BackupError::PositionBehind`], [`BackupError::DiskFull`], [`BackupError::Sign`].
    pub fn finish(self, made: Made) -> Result<Completed, BackupError> {
        let position = made.position;
        let files = self.stream.finish()?;
        let manifest = {
            let mut head = self.shared.head();
            let journal = self.floor.max(head.position);
            if position < journal {
                return Err(BackupError::PositionBehind { position, journal });
            }
            let content = Content::Generation {
                engine: made.engine,
                node: made.node,
                program: made.program,
                position,
                about: made.about,
            };
            self.shared
                .commit(&mut head, self.draft, made.at, content, files)?
        };
        let segments = journal::summaries(&self.shared.repository)?;
        Ok(Completed {
            generation: repository::generation(manifest, &segments)?,
            rotated: rotation::rotate(&self.shared),
        })
    }
}

impl Write for GenerationWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
