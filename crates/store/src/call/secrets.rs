//! What a call seals and unseals: a person's, a facility's, this installation's secrets, each
//! bound to the row that keeps it.
//!
//! Apart from [`Call`]'s statements, for nothing here touches the database: only the `keystore`.

use kernel::id::{FacilityId, PersonId};

use super::Call;
use crate::StoreError;

impl Call<'_> {
    /// Encrypts `plain` for the row `key` of `table`, with the person's key.
    ///
    /// # Errors
    /// [`StoreError::Key`].
    pub fn seal(
        &self,
        person: PersonId,
        table: &str,
        key: &[&[u8]],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        Ok(self.node.keys.seal(*person.as_bytes(), table, key, plain)?)
    }

    /// Decrypts what [`Call::seal`] made for the same row.
    ///
    /// # Errors
    /// [`StoreError::Key`], [`StoreError::Corrupt`].
    pub fn unseal(
        &self,
        person: PersonId,
        table: &str,
        key: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let keys = &self.node.keys;
        Ok(keys.unseal(*person.as_bytes(), table, key, sealed)?)
    }

    /// A keyed hash of the row `key` of `table` under the person's key: says only that two are
    /// equal, and nothing once the person's keys are destroyed.
    ///
    /// # Errors
    /// [`StoreError::Key`].
    pub fn tag(
        &self,
        person: PersonId,
        table: &str,
        key: &[&[u8]],
    ) -> Result<[u8; 16], StoreError> {
        Ok(self.node.keys.tag(*person.as_bytes(), table, key)?)
    }

    /// As [`Call::seal`], for a facility's own secrets.
    ///
    /// # Errors
    /// [`StoreError::Key`].
    pub fn seal_for_facility(
        &self,
        facility: FacilityId,
        table: &str,
        key: &[&[u8]],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        Ok(self
            .node
            .keys
            .seal(*facility.as_bytes(), table, key, plain)?)
    }

    /// As [`Call::unseal`], for a facility's own secrets.
    ///
    /// # Errors
    /// [`StoreError::Key`], [`StoreError::Corrupt`].
    pub fn unseal_for_facility(
        &self,
        facility: FacilityId,
        table: &str,
        key: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let keys = &self.node.keys;
        Ok(keys.unseal(*facility.as_bytes(), table, key, sealed)?)
    }

    /// As [`Call::seal`], for this installation's own secrets.
    ///
    /// # Errors
    /// [`StoreError::Key`].
    pub fn seal_for_node(
        &self,
        table: &str,
        key: &[&[u8]],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let node = self.node.id;
        Ok(self.node.keys.seal(*node.as_bytes(), table, key, plain)?)
    }

    /// As [`Call::unseal`], for this installation's own secrets.
    ///
    /// # Errors
    /// [`StoreError::Key`], [`StoreError::Corrupt`].
    pub fn unseal_for_node(
        &self,
        table: &str,
        key: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let node = self.node.id;
        Ok(self
            .node
            .keys
            .unseal(*node.as_bytes(), table, key, sealed)?)
    }
}
