//! What came after a generation, entry by entry, so that any instant can be restored.
//!
//! Segments are numbered through the repository's whole life and chained by the hash of
//! the manifest before; each names its first and last entry. A missing, swapped or cut
//! segment is therefore told by name. A segment stands in the folder of the generation
//! that was newest when it was closed; reading goes on through all later ones, so that
//! an older generation too reaches the newest entry.
//!
//! Unpacked, a segment is entries of: number (u64), microseconds since the epoch (i64),
//! length (u32), body; integers big-endian.

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use kernel::time::Timestamp;

use crate::disk;
use crate::error::{BackupError, Flaw};
use crate::identity::Identity;
use crate::paper::{Content, Manifest};
use crate::repository::{MANIFEST, Repository};
use crate::stream::{StreamReader, StreamWriter};
use crate::writer::{Draft, Shared};

/// Bytes of one entry's body at most.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Number, instant, length.
const FRAME_BYTES: usize = 20;

/// One journal entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Consecutive number, from 1.
    pub number: u64,
    /// When it happened; never before the entry before it.
    pub at: Timestamp,
    /// The caller's bytes.
    pub body: Vec<u8>,
}

/// A segment that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its number, through the repository's life.
    pub number: u64,
    /// First entry.
    pub first: u64,
    /// Last entry.
    pub last: u64,
    /// The last entry's instant.
    pub last_at: Timestamp,
}

/// A segment under work. Keep the entries until [`SegmentWriter::close`] has returned: if
/// it fails, nothing of them is kept.
pub struct SegmentWriter {
    shared: Arc<Shared>,
    draft: Draft,
    stream: StreamWriter,
    range: Option<Range>,
}

struct Range {
    first: u64,
    last: u64,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl SegmentWriter {
    pub(crate) fn begin(shared: &Arc<Shared>) -> Result<Self, BackupError> {
        if shared.head().generations.last == 0 {
            return Err(BackupError::NoGenerationYet);
        }
        let draft = Draft::begin(shared, "segment")?;
        Ok(Self {
            stream: draft.stream("entries", shared),
            draft,
            range: None,
            shared: Arc::clone(shared),
        })
    }

    /// Adds entry `number`. The first one follows what the repository holds or repeats
    /// some of it; an instant before the last one (a clock set back) is taken as the last.
    ///
    /// # Errors
    /// [`BackupError::EntryOutOfOrder`], [`BackupError::EntryTooLarge`],
    /// [`BackupError::DiskFull`], or the file system's.
    pub fn append(&mut self, number: u64, at: Timestamp, body: &[u8]) -> Result<(), BackupError> {
        let range = self.extended(number, at)?;
        let length = u32::try_from(body.len())
            .ok()
            .filter(|_| body.len() <= BODY_BYTES_MAX)
            .ok_or(BackupError::EntryTooLarge(body.len()))?;
        let mut frame = Vec::with_capacity(FRAME_BYTES);
        frame.extend(number.to_be_bytes());
        frame.extend(range.last_at.micros().to_be_bytes());
        frame.extend(length.to_be_bytes());
        let folder = &self.draft.folder;
        self.stream
            .write_all(&frame)
            .and_then(|()| self.stream.write_all(body))
            .map_err(BackupError::at(folder))?;
        self.range = Some(range);
        Ok(())
    }

    fn extended(&self, number: u64, at: Timestamp) -> Result<Range, BackupError> {
        let out_of_order = |expected| BackupError::EntryOutOfOrder {
            expected,
            found: number,
        };
        if let Some(range) = &self.range {
            let expected = range.last.saturating_add(1);
            if number != expected {
                return Err(out_of_order(expected));
            }
            return Ok(Range {
                last: number,
                last_at: at.max(range.last_at),
                ..*range
            });
        }
        let head = self.shared.head();
        let expected = head.last_entry.max(head.position).saturating_add(1);
        if number == 0 || number > expected {
            return Err(out_of_order(expected));
        }
        // A repeated entry keeps its own instant; a new one is not before the last.
        let at = if number > head.last_entry {
            at.max(head.last_at)
        } else {
            at
        };
        Ok(Range {
            first: number,
            last: number,
            first_at: at,
            last_at: at,
        })
    }

    /// Has no entry been added?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.range.is_none()
    }

    /// Closes the segment: synced, signed, in place. `None` when it held no entry.
    ///
    /// # Errors
    /// [`BackupError::Unfinished`] when a write failed before, [`BackupError::DiskFull`],
    /// [`BackupError::Sign`], or the file system's.
    pub fn close(self, at: Timestamp) -> Result<Option<Segment>, BackupError> {
        let files = self.stream.finish()?;
        let Some(range) = self.range else {
            return Ok(None);
        };
        let mut head = self.shared.head();
        let content = Content::Journal {
            generation: head.generations.last,
            first: range.first,
            last: range.last,
            first_at: range.first_at,
            last_at: range.last_at,
        };
        let manifest = self
            .shared
            .commit(&mut head, self.draft, at, content, files)?;
        Ok(Some(Segment {
            number: manifest.number,
            first: range.first,
            last: range.last,
            last_at: range.last_at,
        }))
    }
}

/// What a segment's manifest says, as far as the chain is whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    first: u64,
    last: u64,
    last_at: Timestamp,
}

/// The segments whose manifests are whole, in order; a hole shows as a gap in the numbers.
pub(crate) fn summaries(repository: &Repository) -> Result<Vec<Summary>, BackupError> {
    let mut found = Vec::new();
    for folder in repository.segment_folders(0)?.values() {
        if let Ok((manifest, _)) = repository.manifest(folder)
            && let Content::Journal {
                first,
                last,
                last_at,
                ..
            } = manifest.content
        {
            found.push(Summary {
                first,
                last,
                last_at,
            });
        }
    }
    Ok(found)
}

/// The instant that is reached from `position` without a gap.
pub(crate) fn reach(segments: &[Summary], position: u64) -> Option<Timestamp> {
    let mut reached = position;
    let mut at = None;
    for segment in segments.iter().filter(|s| s.last > position) {
        if segment.first > reached.saturating_add(1) {
            break;
        }
        if segment.last > reached {
            reached = segment.last;
            at = Some(segment.last_at);
        }
    }
    at
}

/// The entries after a generation, in order. It ends after the first error: everything
/// before it was whole.
pub struct Journal {
    repository: Repository,
    identity: Identity,
    segments: VecDeque<(u64, String)>,
    /// The segment before: its number and its manifest's hash.
    before: Option<(u64, String)>,
    /// What was wrong with a segment before the first one that is needed.
    trouble: Option<BackupError>,
    open: Option<Entries<StreamReader>>,
    started: bool,
    last_number: u64,
    last_at: Timestamp,
    ended: bool,
}

impl Iterator for Journal {
    type Item = Result<Entry, BackupError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.step().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Journal {
    pub(crate) fn open(
        repository: &Repository,
        identity: &Identity,
        generation: u64,
        position: u64,
    ) -> Result<Self, BackupError> {
        // Entries between a generation's snapshot and its completion stand one folder before.
        let segments = repository.segment_folders(generation.saturating_sub(1))?;
        Ok(Self {
            segments: segments.into_iter().collect(),
            repository: repository.clone(),
            identity: identity.clone(),
            before: None,
            trouble: None,
            open: None,
            started: false,
            last_number: position,
            last_at: Timestamp::from_micros(i64::MIN),
            ended: false,
        })
    }

    fn step(&mut self) -> Result<Option<Entry>, BackupError> {
        loop {
            let Some(entries) = &mut self.open else {
                if self.next_segment()? {
                    continue;
                }
                return Ok(None);
            };
            match entries.next()? {
                None => self.open = None,
                Some(entry) if entry.number <= self.last_number => {}
                Some(entry) => {
                    self.last_number = entry.number;
                    self.last_at = self.last_at.max(entry.at);
                    return Ok(Some(Entry {
                        at: self.last_at,
                        ..entry
                    }));
                }
            }
        }
    }

    /// Opens the next segment that holds something new; `false` at the journal's end.
    fn next_segment(&mut self) -> Result<bool, BackupError> {
        while let Some((number, folder)) = self.segments.pop_front() {
            let manifest = match self.follow(number, &folder) {
                Ok(manifest) => manifest,
                // Before the first needed one, damage matters only if a gap follows.
                Err(error) if !self.started => {
                    self.trouble = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Content::Journal { first, last, .. } = manifest.content else {
                return Err(BackupError::damaged(folder, Flaw::Misplaced));
            };
            let expected = self.last_number.saturating_add(1);
            if last < expected {
                continue;
            }
            if first > expected {
                return Err(self.trouble.take().unwrap_or(BackupError::JournalGap {
                    file: folder,
                    expected,
                    found: first,
                }));
            }
            self.started = true;
            let root = &self.repository.root;
            let stream = StreamReader::new(root, &folder, manifest.files, &self.identity);
            self.open = Some(Entries::new(stream, folder, first, last));
            return Ok(true);
        }
        self.end_is_whole().map(|()| false)
    }

    /// The segment's manifest, when it follows the one before.
    fn follow(&mut self, number: u64, folder: &str) -> Result<Manifest, BackupError> {
        let before = self.before.take();
        let read = self.repository.manifest(folder);
        if let Ok((_, sha256)) = &read {
            self.before = Some((number, sha256.clone()));
        }
        if let Some((last, hash)) = before {
            let due = last.saturating_add(1);
            if number != due {
                return Err(missing(due));
            }
            if let Ok((manifest, _)) = &read
                && manifest.previous.as_ref() != Some(&hash)
            {
                let file = format!("{folder}/{MANIFEST}");
                return Err(BackupError::damaged(file, Flaw::Chain));
            }
        }
        read.map(|(manifest, _)| manifest)
    }

    /// The head names the last entry; a damaged head does not hinder a restore.
    fn end_is_whole(&mut self) -> Result<(), BackupError> {
        match self.repository.head() {
            Ok(head) if head.last_entry > self.last_number => {
                let last = self.before.as_ref().map_or(0, |(number, _)| *number);
                let gone = missing(last.saturating_add(1));
                Err(self.trouble.take().unwrap_or(gone))
            }
            Ok(_) => Ok(()),
            Err(_) => self.trouble.take().map_or(Ok(()), Err),
        }
    }
}

/// Which folder it stood in cannot be known: only its number.
fn missing(segment: u64) -> BackupError {
    BackupError::damaged(format!("journal/{segment:06}"), Flaw::Missing)
}

/// The entries of one segment, which must be those that its manifest says.
pub(crate) struct Entries<R> {
    reader: BufReader<R>,
    folder: String,
    due: u64,
    last: u64,
}

impl<R: Read> Entries<R> {
    pub(crate) fn new(reader: R, folder: String, first: u64, last: u64) -> Self {
        Self {
            reader: BufReader::new(reader),
            folder,
            due: first,
            last,
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Entry>, BackupError> {
        if self.due > self.last {
            // Nothing may stand after the last one, and the last file is read to its end.
            return match self.bytes(1)?.len() {
                0 => Ok(None),
                _ => Err(self.unreadable()),
            };
        }
        let number = u64::from_be_bytes(self.array()?);
        let at = Timestamp::from_micros(i64::from_be_bytes(self.array()?));
        let length = u32::from_be_bytes(self.array()?);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if number != self.due || length > BODY_BYTES_MAX {
            return Err(self.unreadable());
        }
        let body = self.bytes(length)?;
        if body.len() != length {
            return Err(self.unreadable());
        }
        self.due = number.saturating_add(1);
        Ok(Some(Entry { number, at, body }))
    }

    /// Up to `length` bytes, fewer only at the end.
    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, BackupError> {
        let mut bytes = Vec::new();
        (&mut self.reader)
            .take(disk::length(length))
            .read_to_end(&mut bytes)
            .map_err(BackupError::at(Path::new(&self.folder)))?;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BackupError> {
        let bytes = self.bytes(N)?;
        bytes.try_into().map_err(|_| self.unreadable())
    }

    fn unreadable(&self) -> BackupError {
        BackupError::damaged(&self.folder, Flaw::Unreadable)
    }
}
