//! `tasuki keys`: what locks them, a new key-encryption key, and destroying a person's.

use clap::Subcommand;
use keystore::KeyStore;

use crate::{
    control::{self, Request},
    storage::{Storage, Unlocking},
};

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Wrap all keys with a new key-encryption key, also while the program serves.
    Rotate {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
    },
    /// Change what opens the keys: a file, a passphrase, a token. Not while the program serves.
    Lock {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The new passphrase's file.
        #[arg(long, group = "new")]
        new_passphrase_file: Option<std::path::PathBuf>,
        /// The new token's library; label, key and PIN as below.
        #[arg(long, group = "new", requires_all = ["new_pkcs11_token", "new_pkcs11_pin_file"])]
        new_pkcs11_module: Option<std::path::PathBuf>,
        /// The new token's label.
        #[arg(long)]
        new_pkcs11_token: Option<String>,
        /// The key's label in it.
        #[arg(long, default_value = "tasuki")]
        new_pkcs11_key: String,
        /// A file with the user's PIN.
        #[arg(long)]
        new_pkcs11_pin_file: Option<std::path::PathBuf>,
        /// Back to the plain file kek.bin.
        #[arg(long, group = "new")]
        new_file: bool,
    },
    /// Destroy a person's keys for good: nobody can read what is stored about them any more.
    Shred {
        /// Where data and keys are.
        #[command(flatten)]
        storage: Storage,
        /// The person, 32 hexadecimal digits.
        #[arg(long)]
        person: String,
        /// Why; kept for good.
        #[arg(long)]
        reason: String,
    },
}

/// Runs one of the commands.
///
/// # Errors
/// Why it could not be done.
pub fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Rotate { storage } => control::ask(&storage, &Request::RotateKeys {}),
        Command::Shred {
            storage,
            person,
            reason,
        } => control::ask(&storage, &Request::Shred { person, reason }),
        Command::Lock {
            storage,
            new_passphrase_file,
            new_pkcs11_module,
            new_pkcs11_token,
            new_pkcs11_key,
            new_pkcs11_pin_file,
            new_file,
        } => {
            let new = Unlocking {
                passphrase_file: new_passphrase_file,
                pkcs11_module: new_pkcs11_module,
                pkcs11_token: new_pkcs11_token,
                pkcs11_key: new_pkcs11_key,
                pkcs11_pin_file: new_pkcs11_pin_file,
            };
            anyhow::ensure!(
                new_file || new.passphrase_file.is_some() || new.pkcs11_module.is_some(),
                "新しい鍵の種類を指定してください / give --new-passphrase-file, --new-pkcs11-module or --new-file"
            );
            storage.ensure_existing()?;
            let _lock = store::lock_folder(&storage.data)?;
            let keys = KeyStore::open(&storage.data, &storage.unlocking.unlock()?)?;
            keys.change_root(&new.unlock()?)?;
            println!("鍵の開け方を変えました。次回からは新しい方法で起動してください。");
            println!("the keys are locked anew; start with the new way from now on");
            Ok(true)
        }
    }
}
