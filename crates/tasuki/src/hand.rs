//! Who signs a repository's papers: the installation, with the key that signs its seals.

use std::sync::Arc;

use backup::{BackupError, Signer};
use store::Upkeep;
use web::App;

/// Signs the repository's papers with the key that signs the seals.
pub struct AppHand(pub Arc<App>);

impl Signer for AppHand {
    fn public_key(&self) -> Result<[u8; 32], BackupError> {
        Hand(self.0.gate.upkeep()).public_key()
    }

    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], BackupError> {
        Hand(self.0.gate.upkeep()).sign(bytes)
    }
}

/// The same for a store that nobody serves.
pub struct Hand<'e>(pub Upkeep<'e>);

impl Signer for Hand<'_> {
    fn public_key(&self) -> Result<[u8; 32], BackupError> {
        self.0
            .public_key()
            .try_into()
            .map_err(|_| BackupError::Sign)
    }

    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], BackupError> {
        self.0.sign(bytes).try_into().map_err(|_| BackupError::Sign)
    }
}
