//! The sparse Merkle map: for each subject, the number and hash of their last sealed record.
//!
//! A seal signs the map's root. So one person can be shown that the records handed to them
//! are all that were sealed: the map says which number is the last, and the chain leaves no
//! gap below it.
//!
//! The tree is cut along the bits of a key, SHA-256 over subject kind (1 byte) and identifier
//! (16). A subtree without a leaf hashes to 32 zero bytes; with exactly one leaf, to that
//! leaf, so that the depth is about log2 of the number of subjects; else to its two halves:
//! leaf = SHA-256(`0x02` || key || number (8, big endian) || hash of the record),
//! node = SHA-256(`0x03` || left || right). The root depends on what is in the map alone, not
//! on the order in which it came.
//!
//! It is kept as pages along a key's nibbles: a bucket of at most [`BUCKET_MAX`] leaves, or a
//! branch with the hashes of its 16 children. A change writes one small row a level, and a
//! batch of changes writes each row once.
//!
//! Source: after the sparse Merkle trees of Dahlberg, Pulls and Peeters, "Efficient Sparse
//! Merkle Trees" (2016), and the map behind Certificate Transparency's verifiable data
//! structures (Eijdenberg, Laurie, Cutter, 2015).

use crate::{
    StoreError,
    audit::{Hash, Subject},
};

mod proof;

pub use proof::{End, Proof};
use proof::{bit, hash, leaf_hash, node_hash};

/// Most leaves of a bucket; one more and it becomes a branch.
pub const BUCKET_MAX: usize = 32;
/// What an empty subtree hashes to.
pub const EMPTY: Hash = [0; 32];
/// Bits of a key, and so the most siblings of a proof.
pub const DEPTH_MAX: usize = 256;

const CHILDREN: usize = 16;
const ENTRY_LEN: usize = 1 + 16 + 8 + 32;
const CHILD_LEN: usize = 1 + 32;
const IS_BUCKET: u8 = 0;
const IS_BRANCH: u8 = 1;

/// Where a subject stands in the map.
pub type Key = Hash;

/// A subject's last sealed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// Whose.
    pub subject: Subject,
    /// Its number on the subject's chain.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

/// Where the map's pages are kept. A path is a page's nibbles from the root, a byte each.
pub trait Pages {
    /// The page at `path`; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    fn load(&self, path: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes the page at `path`.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    fn save(&mut self, path: &[u8], body: &[u8]) -> Result<(), StoreError>;
}

/// The key of a subject.
#[must_use]
pub fn key(subject: Subject) -> Key {
    let mut text = [0; 17];
    let (kind, id) = text.split_at_mut(1);
    kind.copy_from_slice(&[subject.kind()]);
    id.copy_from_slice(subject.id());
    hash(&text)
}

/// Brings the map up to these last records, and gives its root.
///
/// Of several records of a subject the one with the highest number counts, also against what
/// the map holds already; so doing a batch again changes nothing.
///
/// # Errors
/// [`StoreError::Corrupt`] when a page is damaged; what `pages` says.
pub fn update(pages: &mut dyn Pages, batch: &[Last]) -> Result<Hash, StoreError> {
    let mut changes: Vec<Entry> = batch.iter().copied().map(Entry::new).collect();
    changes.sort_unstable_by(|a, b| a.key.cmp(&b.key).then(b.last.seq.cmp(&a.last.seq)));
    changes.dedup_by(|later, first| later.key == first.key);
    if changes.is_empty() {
        return root(pages);
    }
    Ok(change(pages, &mut Vec::new(), &changes)?.hash())
}

/// The map's root, as its topmost page says.
///
/// # Errors
/// As [`update`].
pub fn root(pages: &dyn Pages) -> Result<Hash, StoreError> {
    Ok(match Page::load(pages, &[])? {
        Page::Bucket(entries) => digest_of(&entries, 0),
        Page::Branch(children) => fold(&*children),
    }
    .hash())
}

/// The proof of what the map says of `key`: its last record, or that there is none.
///
/// # Errors
/// As [`update`].
pub fn prove(pages: &dyn Pages, key: &Key) -> Result<Proof, StoreError> {
    let (mut path, mut siblings) = (Vec::new(), Vec::new());
    loop {
        let children = match Page::load(pages, &path)? {
            Page::Bucket(entries) => {
                let end = end_in_bucket(&entries, key, path.len() * 4, &mut siblings);
                return Ok(Proof { siblings, end });
            }
            Page::Branch(children) => children,
        };
        if let Some(only) = step_down(&children, key, path.len() * 4, &mut siblings) {
            let Some(only) = only else {
                let end = End::Empty;
                return Ok(Proof { siblings, end });
            };
            path.push(only);
            let Page::Bucket(entries) = Page::load(pages, &path)? else {
                return Err(DAMAGED);
            };
            let end = entries.first().map_or(End::Empty, End::leaf);
            return Ok(Proof { siblings, end });
        }
        path.push(nibble(key, path.len()));
    }
}

/// What was found on a walk through all stored pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Root as it follows from the leaves.
    pub root: Hash,
    /// Pages.
    pub pages: u64,
    /// Leaves.
    pub leaves: u64,
    /// The first page (its nibbles) that does not fit what lies below it or its own place.
    pub bad: Option<Vec<u8>>,
}

/// Reads every page, hashes anew from the leaves up, and shows each leaf to `visit` in the
/// order of the keys.
///
/// # Errors
/// As [`update`]; what `visit` says.
pub fn walk(
    pages: &dyn Pages,
    visit: &mut dyn FnMut(&Key, &Last) -> Result<(), StoreError>,
) -> Result<Walk, StoreError> {
    let mut walk = Walk {
        root: EMPTY,
        pages: 0,
        leaves: 0,
        bad: None,
    };
    walk.root = walk_page(pages, &mut Vec::new(), &mut walk, visit)?.hash();
    Ok(walk)
}

const DAMAGED: StoreError = StoreError::Corrupt("a page of the audit map");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    key: Key,
    last: Last,
}

impl Entry {
    fn new(last: Last) -> Self {
        let key = key(last.subject);
        Self { key, last }
    }
}

/// A subtree as its parent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subtree {
    Empty,
    One(Hash),
    Many(Hash),
}

impl Subtree {
    const fn hash(self) -> Hash {
        match self {
            Self::Empty => EMPTY,
            Self::One(hash) | Self::Many(hash) => hash,
        }
    }

    fn join(left: Self, right: Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::One(hash), Self::Empty) | (Self::Empty, Self::One(hash)) => Self::One(hash),
            _ => Self::Many(node_hash(&left.hash(), &right.hash())),
        }
    }
}

enum Page {
    Bucket(Vec<Entry>),
    Branch(Box<[Subtree; CHILDREN]>),
}

impl Page {
    fn load(pages: &dyn Pages, path: &[u8]) -> Result<Self, StoreError> {
        match pages.load(path)? {
            None => Ok(Self::Bucket(Vec::new())),
            Some(body) => Self::decode(&body).ok_or(DAMAGED),
        }
    }

    fn decode(body: &[u8]) -> Option<Self> {
        match body.split_first()? {
            (&IS_BUCKET, rest) if rest.len().is_multiple_of(ENTRY_LEN) => {
                let entries = rest.chunks_exact(ENTRY_LEN).map(|chunk| {
                    let (kind, chunk) = chunk.split_first()?;
                    let (id, chunk) = chunk.split_first_chunk::<16>()?;
                    let (seq, hash) = chunk.split_first_chunk::<8>()?;
                    Some(Entry::new(Last {
                        subject: Subject::from_parts(*kind, *id)?,
                        seq: i64::from_be_bytes(*seq),
                        hash: hash.try_into().ok()?,
                    }))
                });
                entries.collect::<Option<_>>().map(Self::Bucket)
            }
            (&IS_BRANCH, rest) if rest.len() == CHILDREN * CHILD_LEN => {
                let mut children = Box::new([Subtree::Empty; CHILDREN]);
                for (child, chunk) in children.iter_mut().zip(rest.chunks_exact(CHILD_LEN)) {
                    let (kind, hash) = chunk.split_first()?;
                    let hash = Hash::try_from(hash).ok()?;
                    *child = match kind {
                        0 if hash == EMPTY => Subtree::Empty,
                        1 => Subtree::One(hash),
                        2 => Subtree::Many(hash),
                        _ => return None,
                    };
                }
                Some(Self::Branch(children))
            }
            _ => None,
        }
    }
}

fn encode_bucket(entries: &[Entry]) -> Vec<u8> {
    let mut body = Vec::with_capacity(1 + entries.len() * ENTRY_LEN);
    body.push(IS_BUCKET);
    for entry in entries {
        body.push(entry.last.subject.kind());
        body.extend_from_slice(entry.last.subject.id());
        body.extend_from_slice(&entry.last.seq.to_be_bytes());
        body.extend_from_slice(&entry.last.hash);
    }
    body
}

fn encode_branch(children: &[Subtree; CHILDREN]) -> Vec<u8> {
    let mut body = Vec::with_capacity(1 + CHILDREN * CHILD_LEN);
    body.push(IS_BRANCH);
    for child in children {
        body.push(match child {
            Subtree::Empty => 0,
            Subtree::One(_) => 1,
            Subtree::Many(_) => 2,
        });
        body.extend_from_slice(&child.hash());
    }
    body
}

/// Applies sorted changes to the page at `path` and all below it.
fn change(
    pages: &mut dyn Pages,
    path: &mut Vec<u8>,
    changes: &[Entry],
) -> Result<Subtree, StoreError> {
    match Page::load(pages, path)? {
        Page::Bucket(entries) => place(pages, path, &merge(&entries, changes)),
        Page::Branch(mut children) => {
            fill(&mut children, pages, path, changes, change)?;
            pages.save(path, &encode_branch(&children))?;
            Ok(fold(&children[..]))
        }
    }
}

/// Writes leaves to an empty place: as a bucket, or as a branch with buckets below.
fn place(
    pages: &mut dyn Pages,
    path: &mut Vec<u8>,
    entries: &[Entry],
) -> Result<Subtree, StoreError> {
    if entries.len() <= BUCKET_MAX {
        pages.save(path, &encode_bucket(entries))?;
        return Ok(digest_of(entries, path.len() * 4));
    }
    let mut children = [Subtree::Empty; CHILDREN];
    fill(&mut children, pages, path, entries, place)?;
    pages.save(path, &encode_branch(&children))?;
    Ok(fold(&children[..]))
}

type Below = fn(&mut dyn Pages, &mut Vec<u8>, &[Entry]) -> Result<Subtree, StoreError>;

/// Does `below` for each child that has some of `entries`, and notes what became of it.
fn fill(
    children: &mut [Subtree; CHILDREN],
    pages: &mut dyn Pages,
    path: &mut Vec<u8>,
    entries: &[Entry],
    below: Below,
) -> Result<(), StoreError> {
    let depth = path.len();
    let same = |a: &Entry, b: &Entry| nibble(&a.key, depth) == nibble(&b.key, depth);
    for part in entries.chunk_by(same) {
        let Some(first) = part.first() else { continue };
        let at = nibble(&first.key, depth);
        path.push(at);
        let child = below(pages, path, part);
        path.pop();
        if let Some(place) = children.get_mut(usize::from(at)) {
            *place = child?;
        }
    }
    Ok(())
}

/// Two sorted lists as one; where both have a subject, the higher number stays.
fn merge(old: &[Entry], new: &[Entry]) -> Vec<Entry> {
    let mut all = [old, new].concat();
    all.sort_unstable_by(|a, b| a.key.cmp(&b.key).then(b.last.seq.cmp(&a.last.seq)));
    all.dedup_by(|later, first| later.key == first.key);
    all
}

/// The subtree over sorted leaves whose keys agree in the first `depth` bits.
fn digest_of(entries: &[Entry], depth: usize) -> Subtree {
    match entries {
        [] => Subtree::Empty,
        [one] => Subtree::One(leaf_hash(&one.key, one.last.seq, &one.last.hash)),
        many => {
            let (left, right) = halves(many, depth);
            Subtree::join(digest_of(left, depth + 1), digest_of(right, depth + 1))
        }
    }
}

fn halves(entries: &[Entry], depth: usize) -> (&[Entry], &[Entry]) {
    entries.split_at(entries.partition_point(|entry| !bit(&entry.key, depth)))
}

/// The subtree over neighbouring children, whose number is a power of two.
fn fold(children: &[Subtree]) -> Subtree {
    match children {
        [] => Subtree::Empty,
        [one] => *one,
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            Subtree::join(fold(left), fold(right))
        }
    }
}

/// Goes four bits down inside a branch, noting what lies beside the way. `None` when the way
/// goes on in the child of the key's nibble; else it ends here, at the one child that has a
/// leaf or at nothing.
fn step_down(
    children: &[Subtree; CHILDREN],
    key: &Key,
    depth: usize,
    siblings: &mut Vec<Hash>,
) -> Option<Option<u8>> {
    let mut numbered: Vec<(u8, Subtree)> = (0..).zip(children.iter().copied()).collect();
    for depth in depth..depth + 4 {
        let here: Vec<Subtree> = numbered.iter().map(|(_, child)| *child).collect();
        if !matches!(fold(&here), Subtree::Many(_)) {
            let only = numbered.iter().find(|(_, c)| *c != Subtree::Empty);
            return Some(only.map(|(at, _)| *at));
        }
        let right = numbered.split_off(numbered.len() / 2);
        let beside = if bit(key, depth) {
            std::mem::replace(&mut numbered, right)
        } else {
            right
        };
        let beside: Vec<Subtree> = beside.into_iter().map(|(_, child)| child).collect();
        siblings.push(fold(&beside).hash());
    }
    None
}

fn end_in_bucket(entries: &[Entry], key: &Key, depth: usize, siblings: &mut Vec<Hash>) -> End {
    match entries {
        [] => End::Empty,
        [one] => End::leaf(one),
        many => {
            let (left, right) = halves(many, depth);
            let (near, far) = if bit(key, depth) {
                (right, left)
            } else {
                (left, right)
            };
            siblings.push(digest_of(far, depth + 1).hash());
            end_in_bucket(near, key, depth + 1, siblings)
        }
    }
}

fn walk_page(
    pages: &dyn Pages,
    path: &mut Vec<u8>,
    walk: &mut Walk,
    visit: &mut dyn FnMut(&Key, &Last) -> Result<(), StoreError>,
) -> Result<Subtree, StoreError> {
    let Some(body) = pages.load(path)? else {
        return Ok(Subtree::Empty);
    };
    walk.pages += 1;
    let Some(page) = Page::decode(&body) else {
        walk.bad.get_or_insert_with(|| path.clone());
        return Ok(Subtree::Empty);
    };
    match page {
        Page::Bucket(entries) => {
            let is_in_place = entries.len() <= BUCKET_MAX
                && entries.is_sorted_by(|a, b| a.key < b.key)
                && entries.iter().all(|entry| is_below(&entry.key, path));
            if !is_in_place {
                walk.bad.get_or_insert_with(|| path.clone());
            }
            for entry in &entries {
                walk.leaves += 1;
                visit(&entry.key, &entry.last)?;
            }
            Ok(digest_of(&entries, path.len() * 4))
        }
        Page::Branch(children) => {
            let mut found = [Subtree::Empty; CHILDREN];
            for (at, (found, said)) in (0..).zip(found.iter_mut().zip(children.iter())) {
                path.push(at);
                *found = walk_page(pages, path, walk, visit)?;
                if found != said {
                    walk.bad.get_or_insert_with(|| path.clone());
                }
                path.pop();
            }
            Ok(fold(&found[..]))
        }
    }
}

fn is_below(key: &Key, path: &[u8]) -> bool {
    path.iter()
        .enumerate()
        .all(|(depth, at)| nibble(key, depth) == *at)
}

fn nibble(key: &Key, depth: usize) -> u8 {
    let byte = key.get(depth / 2).copied().unwrap_or_default();
    if depth.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 0x0f
    }
}

#[cfg(test)]
mod tests;
