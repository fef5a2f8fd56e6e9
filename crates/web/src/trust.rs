//! Whose certificates are believed: anchors and the newest revocation lists.

use std::sync::{Arc, PoisonError, RwLock};

use kernel::{Refusal, time::Timestamp};
use signing::path::{self, CrlStore, Purpose, Requirements, TrustStore, VerifiedCertificate};

/// Anchors, and revocation lists that a job renews.
pub struct Trust {
    anchors: TrustStore,
    crls: RwLock<Arc<CrlStore>>,
}

impl Trust {
    /// With these anchors and lists.
    #[must_use]
    pub fn new(anchors: TrustStore, crls: CrlStore) -> Self {
        Self {
            anchors,
            crls: RwLock::new(Arc::new(crls)),
        }
    }

    /// Replaces the revocation lists.
    pub fn renew(&self, crls: CrlStore) {
        *self.crls.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(crls);
    }

    /// Is any anchor a public test key?
    #[must_use]
    pub fn holds_test_anchor(&self) -> bool {
        self.anchors.holds_test_anchor()
    }

    /// Checks a card's authentication certificate (利用者証明用電子証明書) at `at`.
    ///
    /// # Errors
    /// The certificate's fault, catalogued (`TSK-CRT-*`).
    pub fn card(&self, der: &[u8], at: Timestamp) -> Result<VerifiedCertificate, Refusal> {
        let crls = Arc::clone(&self.crls.read().unwrap_or_else(PoisonError::into_inner));
        let requirements = Requirements::new(Purpose::CardAuthentication, at);
        Ok(path::verify(&self.anchors, der, &[], &requirements, &crls)?)
    }
}
