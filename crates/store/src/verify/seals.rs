//! The seals: their order, roots and signatures, and that they hold the chains' records.

use super::{Bad, Check, chain_of, chains::missing, fault};
use crate::{
    StoreError,
    audit::{GENESIS, Hash, Subject},
    link::Link,
    seal::{self, Leaf, Seal},
};

impl Check<'_> {
    /// Every seal, in order.
    pub(super) fn check_seals(&mut self) -> Result<(), Bad> {
        let mut previous: Option<Seal> = None;
        let mut newest_map = 0;
        loop {
            let number = previous.as_ref().map_or(0, |seal| seal.number);
            let place = [self.node.as_bytes().into(), number.into()];
            let Some(seal) = self.link.row(&seal::SEALS, &place, seal::read_seal)? else {
                break;
            };
            self.check_seal(previous.as_ref(), &seal)?;
            self.check_leaves(&seal)?;
            if let Some(root) = seal.map_root {
                newest_map = seal.number;
                self.check_map_root(seal.number, &root)?;
            }
            self.report.seals += 1;
            if self.report.seals.is_multiple_of(100) {
                self.tell_progress();
            }
            previous = Some(seal);
        }
        self.check_map_reaches(newest_map, previous.map_or(0, |seal| seal.number))
    }

    fn check_seal(&self, previous: Option<&Seal>, seal: &Seal) -> Result<(), Bad> {
        let key = self.trust.key.as_deref();
        let follows = seal.node == self.node
            && seal.number == previous.map_or(1, |p| p.number + 1)
            && seal.previous == previous.map_or(GENESIS, Seal::hash)
            && key.is_none_or(|key| key == seal.public_key)
            && previous.is_none_or(|p| p.public_key == seal.public_key);
        if follows && seal.holds() {
            return Ok(());
        }
        Err(fault(
            "audit_seal",
            None,
            seal.number,
            "封印の署名または順番が正しくありません",
            "the seal's signature or order is wrong",
        ))
    }

    /// The seal's leaves are just the records that say they lie in it, save for those that
    /// were archived since.
    fn check_leaves(&self, seal: &Seal) -> Result<(), Bad> {
        let placed = self.sums.placed(seal.number);
        if self.sum(seal, |_| Ok(true))? == placed {
            return Ok(());
        }
        let is_here = |leaf: &Leaf| Ok(leaf.seq >= base(self.link, leaf.subject)?);
        if self.sum(seal, is_here)? == placed {
            return Ok(());
        }
        for leaf in &seal.leaves {
            let (subject, seq) = (leaf.subject, leaf.seq);
            let base = base(self.link, subject)?;
            let chain = chain_of(subject.kind())?;
            if seq > base && stored_hash(self.link, subject, seq)? != Some(leaf.hash) {
                return Err(missing(chain.table, subject, seq));
            }
        }
        Err(fault(
            "audit_leaf",
            None,
            seal.number,
            "封印の中の記録と、封印を指す記録とが合いません",
            "the records in the seal are not those that say they lie in it",
        ))
    }

    fn sum(
        &self,
        seal: &Seal,
        is_here: impl Fn(&Leaf) -> Result<bool, StoreError>,
    ) -> Result<u128, StoreError> {
        let mut sum = 0_u128;
        for (index, leaf) in (0..).zip(&seal.leaves) {
            if is_here(leaf)? {
                sum = sum.wrapping_add(self.sums.of_leaf(index, leaf));
            }
        }
        Ok(sum)
    }
}

/// Up to which number a subject's records are in archives; 0 when none are.
fn base(link: &Link, subject: Subject) -> Result<i64, StoreError> {
    let chain = subject.statements();
    let base = link.row(chain.base, &[subject.id().into()], |row| row.int(0))?;
    Ok(base.unwrap_or_default())
}

fn stored_hash(link: &Link, subject: Subject, seq: i64) -> Result<Option<Hash>, StoreError> {
    let values = [subject.id().into(), seq.into()];
    link.row(subject.statements().one, &values, |row| row.array(2))
}
