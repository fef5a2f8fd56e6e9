//! What an operator does with the store itself: copies, keys, signatures on papers.

use std::{path::Path, sync::Mutex};

use aws_lc_rs::signature::KeyPair;
use kernel::{
    id::{NodeId, PersonId},
    time::Timestamp,
};

use keystore::KeyStore;

use crate::{
    Database, StoreError, Value, audit,
    copy::Copying,
    engine::{self, Engine},
    link::Link,
};

/// The operator's hand on a running store.
#[derive(Clone, Copy)]
pub struct Upkeep<'e>(pub(crate) &'e Engine);

impl Upkeep<'_> {
    /// This installation.
    #[must_use]
    pub fn node_id(&self) -> NodeId {
        self.0.node().id
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Where the data is.
    #[must_use]
    pub const fn database(&self) -> &Database {
        self.0.database()
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &KeyStore {
        &self.0.node().keys
    }

    /// The Ed25519 key that signs seals and papers: its public half, and what signs.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.0.node().signer.public_key().as_ref().to_vec()
    }

    /// Signs a paper of this installation. The text says by its beginning what it is.
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.0.node().signer.sign(text).as_ref().to_vec()
    }

    /// The identifiers of some people, for checks that open a sample; nobody is opened here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn some_people(&self, count: usize) -> Result<Vec<PersonId>, StoreError> {
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        let heads = audit::PERSON.heads;
        let page = [Value::Blob(&[]), limit.into()];
        let read =
            |link: &Link| link.rows(heads, &page, |row| Ok(PersonId::from_bytes(row.array(0)?)));
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| match self.0.database() {
                Database::Embedded => read(&Link::embedded_reading(
                    &self.folder().join(engine::DATABASE),
                )?),
                Database::Server(server) => read(&Link::server(&server.url, server.statement)?),
            });
            reading.join().unwrap_or(Err(StoreError::Closed))
        })
    }

    /// Copies the embedded database to `to` while it serves; the copy is as of the moment it
    /// is done.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Closed`] on a server, which is read in a snapshot instead.
    pub fn copy(&self, to: &Path) -> Result<(), StoreError> {
        if *self.0.database() != Database::Embedded {
            return Err(StoreError::Closed);
        }
        let (reply, done) = oneshot::channel();
        self.0.errand().leave(Copying {
            to: to.to_path_buf(),
            reply: Mutex::new(Some(reply)),
        });
        done.recv().unwrap_or(Err(StoreError::Closed))
    }
}
