//! The map: its pages up to the signed root, and that it names each subject's last record.

use kernel::id::NodeId;

use super::{Bad, Check, fault};
use crate::{
    StoreError,
    archive::Place,
    audit::{Hash, Subject},
    link::Link,
    map::{self, EMPTY, End, Last, Pages},
    sealing::{MAP_PAGE, MAP_STATE},
};

crate::statements! {
    /// How many pages there are.
    Node COUNT_PAGES = "SELECT COUNT(*) FROM audit_map WHERE node_id = $1";
}

/// How far the map has come.
pub(super) struct Head {
    /// Up to which seal; 0 when there is no map.
    pub seal: i64,
    root: Hash,
    /// Look each subject up, to name the one for which the map is wrong.
    is_searching: bool,
}

pub(super) fn head(link: &Link, node: NodeId) -> Result<Head, StoreError> {
    let found = link.row(&MAP_STATE, &[node.as_bytes().into()], |row| {
        Ok((row.int(0)?, row.array(1)?))
    })?;
    let (seal, root) = found.unwrap_or((0, EMPTY));
    Ok(Head {
        seal,
        root,
        is_searching: false,
    })
}

/// The map's pages over a link, for reading.
pub(crate) struct LinkPages<'a> {
    pub link: &'a Link,
    pub node: NodeId,
}

impl Pages for LinkPages<'_> {
    fn load(&self, path: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let values = [self.node.as_bytes().into(), path.into()];
        self.link.row(&MAP_PAGE, &values, |row| row.blob(0))
    }

    fn save(&mut self, _path: &[u8], _body: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly("a page of the audit map"))
    }
}

impl Check<'_> {
    /// Notes what the map must say of a subject.
    pub(super) fn expect_in_map(
        &mut self,
        subject: Subject,
        last: Option<Place>,
    ) -> Result<(), Bad> {
        let last = last.map(|place| Last {
            subject,
            seq: place.seq,
            hash: place.hash,
        });
        if self.map.is_searching {
            let pages = self.pages();
            let key = map::key(subject);
            let said = match map::prove(&pages, &key)?.end {
                End::Leaf { key: of, seq, hash } if of == key => Some(Last { subject, seq, hash }),
                End::Empty | End::Leaf { .. } => None,
            };
            if said != last {
                let seq = last.map_or(0, |last| last.seq);
                return Err(wrong_last(Some(subject), seq));
            }
        }
        if let Some(last) = last {
            self.report.mapped += 1;
            let sum = self.sums.of_last(&last);
            self.sums.mapped = self.sums.mapped.wrapping_add(sum);
        }
        Ok(())
    }

    /// A seal's signed root must be the map's when the map has come just that far.
    pub(super) fn check_map_root(&self, number: i64, root: &Hash) -> Result<(), Bad> {
        if number == self.map.seal && *root != self.map.root {
            return Err(fault(
                "audit_map_head",
                None,
                number,
                "写像の根が、封印で署名されたものと違います",
                "the map's root is not the one that the seal signs",
            ));
        }
        Ok(())
    }

    /// The map has come at least to the newest seal that signs it, and not past the last.
    pub(super) fn check_map_reaches(&self, newest_map: i64, newest: i64) -> Result<(), Bad> {
        if (newest_map..=newest).contains(&self.map.seal) {
            return Ok(());
        }
        Err(fault(
            "audit_map_head",
            None,
            self.map.seal,
            "写像が、最新の封印まで進んでいません",
            "the map has not come to the newest seal that signs it",
        ))
    }

    /// Every page, up to the root; and the leaves are the subjects' last records.
    pub(super) fn check_map(&mut self) -> Result<(), Bad> {
        let (mut sum, sums) = (0_u128, &self.sums);
        let walk = map::walk(&self.pages(), &mut |_, last| {
            sum = sum.wrapping_add(sums.of_last(last));
            Ok(())
        })?;
        let stored = self
            .link
            .row(&COUNT_PAGES, &[self.node.as_bytes().into()], |row| {
                row.int(0)
            })?;
        let is_whole = walk.bad.is_none()
            && walk.root == self.map.root
            && stored.and_then(|n| u64::try_from(n).ok()) == Some(walk.pages);
        let fits = sum == self.sums.mapped && walk.leaves == self.report.mapped;
        if !fits {
            self.search_map()?;
        }
        if is_whole && fits {
            return Ok(());
        }
        Err(fault(
            "audit_map",
            None,
            self.map.seal,
            "写像の内容が、根のハッシュと合いません(書きかえられています)",
            "the map's pages do not match its root: they have been edited",
        ))
    }

    /// Goes through all chains once more to name the subject for which the map is wrong.
    fn search_map(&mut self) -> Result<(), Bad> {
        self.map.is_searching = true;
        for kind in 1..=3 {
            self.check_chains(kind)?;
        }
        // Every subject is right, so the map has some that are not there.
        Err(wrong_last(None, self.map.seal))
    }

    const fn pages(&self) -> LinkPages<'_> {
        LinkPages {
            link: self.link,
            node: self.node,
        }
    }
}

fn wrong_last(subject: Option<Subject>, seq: i64) -> Bad {
    fault(
        "audit_map",
        subject,
        seq,
        "写像にある最終記録が、実際の最終記録と違います",
        "the map does not name the subject's last sealed record",
    )
}
