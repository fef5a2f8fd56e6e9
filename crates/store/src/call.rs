//! A call: the only hand that reaches what is stored, made only by the engine.

mod secrets;

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use kernel::{
    catalog,
    id::{FacilityId, PersonId, Rng},
    time::Timestamp,
};

use keystore::SystemRng;

use crate::{
    Owner, Row, Statement, Stop, StoreError, Value,
    audit::{self, Entry, GENESIS, Hash, Record, Subject},
    caller::{Caller, Intent, Purpose},
    engine::Node,
    journal::Change,
    link::Link,
    seal::Leaf,
    work::Mode,
};

catalog! {
    /// The person is not there; absent and forbidden look the same.
    PERSON_ABSENT = "TSK-STO-001", 404, "not-found",
        cause: "該当する方が見つかりません。", "no such person";
        remedy: "カードまたは番号で、もう一度資格を確認してください。", "verify eligibility again by card or number";
        source: "identity-security AUTHZ-04: no difference between absent and forbidden";
    /// Too much work waits.
    OVERLOADED = "TSK-STO-002", 429, "throttled",
        cause: "ただいま混み合っています。", "too many requests are waiting";
        remedy: "数秒おいて、もう一度お試しください。", "wait a few seconds and send the same request again";
        source: "design section 5: back-pressure";
    /// The store cannot work.
    UNAVAILABLE = "TSK-STO-003", 503, "transient",
        cause: "いまは記録を保存できないため、処理を中止しました。", "the record cannot be kept now, so nothing was done";
        remedy: "しばらくしてからお試しください。続くときは運用担当者に受付番号をお伝えください。", "try again later; if it lasts, give the operator the request number";
        source: "identity-security AUD-05: no audit record, no access";
    /// The disk is full: changes wait, reading goes on.
    DISK_LOW = "TSK-STO-004", 503, "no-store",
        cause: "保存場所の空きがないため、新しい登録や変更を受け付けられません。閲覧は続けられます。", "the disk is full, so nothing new can be kept; reading goes on";
        remedy: "運用担当者に空き容量の確保を依頼してください。空きができると自動で再開します。", "ask the operator to make room; it goes on by itself when there is";
        source: "design section 5: a reserve keeps the audit log writable when the disk is full";
    /// Whether it was kept is not known.
    IN_DOUBT = "TSK-STO-005", 503, "transient",
        cause: "保存の途中で保存先との接続が切れ、保存できたかどうかを確認できませんでした。", "the database was lost while this was being kept, and whether it was kept could not be found out";
        remedy: "登録や変更のときは、済んでいるかどうかを画面で確かめてから、もう一度行ってください。", "look whether it was done before doing it again";
        source: "design section 5: nothing acknowledged is lost, and nothing is told that is not known";
}

/// A subject's head: how often they were changed, number and hash of their last record.
pub(crate) type Head = (i64, i64, Hash);

/// A call under way: who, why, when, and the only way to what is stored.
///
/// A statement on a person's tables runs only after [`Call::open`] or [`Call::lock`] for
/// that person, and whoever is opened gets an audit record: so nobody is read unseen.
pub struct Call<'t> {
    pub(crate) intent: &'t Intent,
    pub(crate) node: &'t Arc<Node>,
    pub(crate) link: &'t Link,
    pub(crate) mode: Mode,
    pub(crate) opened: BTreeMap<PersonId, i64>,
    pub(crate) details: Vec<(&'static str, String)>,
    pub(crate) concerns: Option<FacilityId>,
    pub(crate) refused: Option<&'static catalog::Entry>,
    /// What was written, in order, when a journal is kept.
    pub(crate) changes: RefCell<Vec<Change>>,
}

impl<'t> Call<'t> {
    /// A call that has opened nobody yet.
    pub(crate) const fn new(
        intent: &'t Intent,
        node: &'t Arc<Node>,
        link: &'t Link,
        mode: Mode,
    ) -> Self {
        Self {
            intent,
            node,
            link,
            mode,
            opened: BTreeMap::new(),
            details: Vec::new(),
            concerns: None,
            refused: None,
            changes: RefCell::new(Vec::new()),
        }
    }
}

impl Call<'_> {
    /// Who calls.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.intent.caller
    }

    /// When; the same value throughout the call.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.intent.at
    }

    /// Why.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.intent.purpose
    }

    /// Unpredictable bytes.
    #[must_use]
    pub fn rng(&self) -> &dyn Rng {
        &SystemRng
    }

    /// This installation.
    #[must_use]
    pub fn node_id(&self) -> kernel::id::NodeId {
        self.node.id
    }

    /// Adds to the audit record what is seen or done; never clinical content.
    pub fn detail(&mut self, word: &'static str, value: impl Into<String>) {
        self.details.push((word, value.into()));
    }

    /// Puts the record of a call that opens nobody on this facility's chain: a log-in, before
    /// which the caller has no home yet.
    pub const fn concerns(&mut self, facility: FacilityId) {
        self.concerns = Some(facility);
    }

    /// Records the call as refused and keeps what it wrote all the same: a failed log-in is
    /// refused, and counted.
    pub const fn refuse_and_keep(&mut self, entry: &'static catalog::Entry) {
        self.refused = Some(entry);
    }

    /// Opens a person for reading: from here on this call is in their history.
    ///
    /// # Errors
    /// [`PERSON_ABSENT`]; [`StoreError`].
    pub fn open(&mut self, person: PersonId) -> Result<(), Stop> {
        if self.opened.contains_key(&person) {
            return Ok(());
        }
        if self.mode == Mode::LookUp {
            return Err(Stop::Failed(StoreError::NotOpened(
                "a look-up without a record",
            )));
        }
        match self.head(Subject::Person(person))? {
            Some((version, _, _)) => {
                self.opened.insert(person, version);
                Ok(())
            }
            None => Err(Stop::from(&PERSON_ABSENT)),
        }
    }

    /// Opens a person for a change and takes their lock until the transaction ends.
    ///
    /// # Errors
    /// [`PERSON_ABSENT`]; [`StoreError`].
    pub fn lock(&mut self, person: PersonId) -> Result<(), Stop> {
        let bump = Subject::Person(person).statements().bump_version;
        match self.run(bump, &[person.as_bytes().into()])? {
            0 => Err(Stop::from(&PERSON_ABSENT)),
            _ => {
                self.opened.remove(&person);
                self.open(person)
            }
        }
    }

    /// How often a person was changed so far: says that something changed, never what, and
    /// opens nobody. `None` for who is not there or was erased.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn version(&self, person: PersonId) -> Result<Option<i64>, StoreError> {
        if self.node.keys.is_shredded(person.as_bytes())? {
            return Ok(None);
        }
        let head = self.head(Subject::Person(person))?;
        Ok(head.map(|(version, _, _)| version))
    }

    /// Makes a new person's head and opens it.
    ///
    /// # Errors
    /// [`StoreError`], also when the person is there already.
    pub fn create(&mut self, person: PersonId) -> Result<(), Stop> {
        self.create_head(Subject::Person(person))?;
        self.opened.insert(person, 1);
        Ok(())
    }

    /// Makes a new facility's head.
    ///
    /// # Errors
    /// [`StoreError`], also when the facility is there already.
    pub fn create_facility(&mut self, facility: FacilityId) -> Result<(), StoreError> {
        self.create_head(Subject::Facility(facility))
    }

    /// Rows of an answer, each mapped by `map`.
    ///
    /// # Errors
    /// [`StoreError::NotOpened`] for a person who has not been opened; what `map` says; the engine's.
    pub fn rows<T>(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.check(statement, values)?;
        self.node.tracer.note(statement, values);
        self.link.rows(statement, values, map)
    }

    /// The first row of an answer, if there is one.
    ///
    /// # Errors
    /// As [`Call::rows`].
    pub fn row<T>(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
        map: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.check(statement, values)?;
        self.node.tracer.note(statement, values);
        self.link.row(statement, values, map)
    }

    /// Runs a change; the number of rows it touched.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] in a call that reads; else as [`Call::rows`].
    pub fn execute(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<usize, StoreError> {
        self.check(statement, values)?;
        self.run(statement, values)
    }

    fn run(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<usize, StoreError> {
        if self.mode != Mode::Write {
            return Err(StoreError::ReadOnly(statement.postgres()));
        }
        self.node.tracer.note(statement, values);
        let count = self.link.execute(statement, values)?;
        if self.node.journal {
            self.changes
                .borrow_mut()
                .push(Change::new(statement, values));
        }
        Ok(count)
    }

    fn check(&self, statement: &'static Statement, values: &[Value<'_>]) -> Result<(), StoreError> {
        if statement.owner() != Owner::Person {
            return Ok(());
        }
        let person = match values.first() {
            Some(Value::Blob(bytes)) => PersonId::from_slice(bytes),
            _ => None,
        };
        match person {
            Some(person) if self.opened.contains_key(&person) => Ok(()),
            _ => Err(StoreError::NotOpened(statement.postgres())),
        }
    }

    /// Until this change is committed no other one gets past its own claim of the same key: for
    /// whoever has to be sure that a directory holds nothing before they write into it, where
    /// no person's head protects it. What they read after the claim, they read after the other.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] in a call that reads; the engine's.
    pub fn claim(&self, key: &Hash) -> Result<(), StoreError> {
        if self.mode != Mode::Write {
            return Err(StoreError::ReadOnly("a claim"));
        }
        let mut number = [0; 8];
        for (to, from) in number.iter_mut().zip(key) {
            *to = *from;
        }
        self.link.claim(i64::from_be_bytes(number))
    }

    /// Keyed HMAC of a normalized value, the only form in which a directory knows it.
    #[must_use]
    pub fn directory_key(&self, kind: &str, parts: &[&str]) -> Hash {
        self.node.keys.directory_key(kind, parts)
    }

    /// A page of a subject's audit records, newest first, below number `below`.
    ///
    /// # Errors
    /// [`StoreError::NotOpened`]; the engine's.
    pub fn history(
        &self,
        subject: Subject,
        below: i64,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let chain = subject.statements();
        let rows = self.rows(
            chain.page,
            &[subject.id().into(), below.into(), limit.into()],
            |row| Ok((row.int(0)?, row.at(1)?, row.blob(2)?, row.array(3)?)),
        )?;
        rows.into_iter()
            .map(|(seq, at, body, hash)| self.entry(subject, seq, at, body, hash))
            .collect()
    }

    fn entry(
        &self,
        subject: Subject,
        seq: i64,
        at: Timestamp,
        body: Vec<u8>,
        hash: Hash,
    ) -> Result<Entry, StoreError> {
        let table = subject.statements().table;
        let plain = self
            .node
            .keys
            .unseal(*subject.id(), table, &[&seq.to_be_bytes()], &body)?;
        let record = serde_json::from_slice(&plain)
            .map_err(|_| StoreError::Corrupt("an audit record's text"))?;
        Ok(Entry {
            seq,
            at,
            record,
            hash,
            body,
        })
    }

    pub(crate) fn head(&self, subject: Subject) -> Result<Option<Head>, StoreError> {
        let statement = subject.statements().read_head;
        self.node.tracer.note(statement, &[subject.id().into()]);
        self.link.row(statement, &[subject.id().into()], |row| {
            Ok((row.int(0)?, row.int(1)?, row.array(2)?))
        })
    }

    /// Takes a subject's lock.
    pub(crate) fn take_head(&self, subject: Subject) -> Result<(), StoreError> {
        self.run(subject.statements().bump_version, &[subject.id().into()])?;
        Ok(())
    }

    /// The hash of one record, as stored.
    pub(crate) fn record_hash(
        &self,
        subject: Subject,
        seq: i64,
    ) -> Result<Option<Hash>, StoreError> {
        let values = [subject.id().into(), seq.into()];
        self.link
            .row(subject.statements().one, &values, |row| row.array(2))
    }

    pub(crate) fn create_head(&self, subject: Subject) -> Result<(), StoreError> {
        let values = [subject.id().into(), Value::Blob(&GENESIS)];
        self.run(subject.statements().create_head, &values)?;
        Ok(())
    }

    /// Writes the audit record of this call on `subject`'s chain; where it stands.
    pub(crate) fn append(
        &self,
        subject: Subject,
        refused: Option<&str>,
    ) -> Result<Leaf, StoreError> {
        let head = self.head(subject)?;
        let head = head.ok_or(StoreError::Corrupt("a subject without a head"))?;
        self.append_after(subject, head, refused)
    }

    /// The same where the head was read already, by a call that nothing has come between.
    pub(crate) fn append_after(
        &self,
        subject: Subject,
        (_, last, previous): Head,
        refused: Option<&str>,
    ) -> Result<Leaf, StoreError> {
        let seq = last + 1;
        let chain = subject.statements();
        let record = Record::new(self.intent, refused, &self.details);
        let plain =
            serde_json::to_vec(&record).map_err(|_| StoreError::Corrupt("an audit record"))?;
        let body =
            self.node
                .keys
                .seal(*subject.id(), chain.table, &[&seq.to_be_bytes()], &plain)?;
        let at = self.intent.at;
        let hash = audit::record_hash(subject, seq, at, &previous, &body);
        let id = Value::from(subject.id());
        self.run(
            chain.append,
            &[id, seq.into(), at.into(), (&body).into(), (&hash).into()],
        )?;
        let moved = self.run(
            chain.advance,
            &[id, seq.into(), (&hash).into(), last.into()],
        )?;
        if moved != 1 {
            return Err(StoreError::Corrupt("a chain moved in the middle of a call"));
        }
        self.run(
            &audit::WAIT,
            &[
                self.node.id.as_bytes().into(),
                i64::from(subject.kind()).into(),
                id,
                seq.into(),
                (&hash).into(),
            ],
        )?;
        Ok(Leaf { subject, seq, hash })
    }
}
