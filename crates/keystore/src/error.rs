//! What can go wrong with keys; each message names the remedy, in words for operators.

use std::{io, path::PathBuf};

/// Why the key store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file of the folder could not be read or written.
    #[error("{file} cannot be used ({source}); check the disk and the folder's owner")]
    Io {
        /// Which file or folder.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file of wrapped keys could not be read or written.
    #[error("keys.db cannot be used ({0}); check the disk, or bring keys.db back from a backup")]
    Database(#[from] rusqlite::Error),
    /// Another process, or another key store of this one, holds the folder.
    #[error("the keys of this folder are in use by another process; stop that one first")]
    InUse,
    /// There are wrapped keys, but nothing that opens them.
    #[error("{0} is missing beside keys.db; bring it back before starting")]
    RootMissing(&'static str),
    /// Two kinds of root file, and no change between them is under way.
    #[error(
        "kek.bin and root.json are both there; move the one that does not belong to keys.db out of the folder"
    )]
    TwoRoots,
    /// The folder is locked in another way than the one offered.
    #[error("the keys are locked by {there}, not by {offered}; start with that and change it then")]
    OtherRoot {
        /// How the folder is locked.
        there: &'static str,
        /// What was offered.
        offered: &'static str,
    },
    /// The root file is sound but belongs to other keys.
    #[error(
        "{0} does not open the keys in keys.db; is it the right one? bring back the one that belongs to keys.db"
    )]
    WrongRoot(&'static str),
    /// The passphrase is not the one.
    #[error("the passphrase does not open root.json; enter the passphrase that was set last")]
    WrongPassphrase,
    /// A root file is cut or changed.
    #[error("{file} is damaged ({what}); bring it back from a backup")]
    RootDamaged {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Too little memory to derive a key from the passphrase.
    #[error("a key could not be made from the passphrase; at least 64 MiB of memory must be free")]
    PassphraseMemory,
    /// An empty passphrase.
    #[error("the passphrase is shorter than {0} characters; choose a longer one")]
    PassphraseShort(usize),
    /// The PKCS#11 library does not load.
    #[error("the PKCS#11 module {module} does not load ({why}); correct its path or install it")]
    TokenModule {
        /// The library's path.
        module: PathBuf,
        /// What the loader said.
        why: String,
    },
    /// No token of that label is plugged in.
    #[error("no token with the label {0:?} is there; plug it in or correct the label")]
    TokenAbsent(String),
    /// The token refuses the PIN.
    #[error("the token refuses the PIN; correct it before the token locks itself")]
    TokenPin,
    /// The token has locked itself.
    #[error("the token has locked its PIN; unlock it with the security officer's PIN")]
    TokenLocked,
    /// No such key in the token.
    #[error(
        "the token holds no AES key with the label {0:?}; restore the key into the token or correct the label"
    )]
    TokenKeyAbsent(String),
    /// The key of that label may leave the token.
    #[error(
        "the token's key {0:?} can leave the token; use a key that is sensitive and not extractable"
    )]
    TokenKeyOpen(String),
    /// The token's key does not open the root.
    #[error(
        "the token's key {0:?} does not open root.json; plug in the token that the root was locked with"
    )]
    TokenWrong(String),
    /// The token failed at something else.
    #[error("the token failed to {doing} ({why}); see the token's own manual")]
    Token {
        /// What it was asked for.
        doing: &'static str,
        /// What it said.
        why: String,
    },
    /// What is stored does not hold what it must.
    #[error("keys.db is damaged: {0}; bring it back from a backup")]
    Damaged(&'static str),
    /// Made by a later version of the program.
    #[error("{file} has form {found}, which is newer than this program; start the newer program")]
    Newer {
        /// Which file.
        file: &'static str,
        /// The form's number.
        found: i64,
    },
    /// A restore of keys was cut in the middle.
    #[error("a restore of these keys did not end; run the restore again")]
    ImportUnfinished,
    /// Keys and data do not belong together.
    #[error(
        "these keys belong to another database; bring keys and database of one folder together"
    )]
    Foreign,
    /// An export is cut, changed, or does not follow on what is there.
    #[error("the exported keys cannot be used ({0}); take another copy of this backup")]
    Export(&'static str),
    /// The bytes are no envelope.
    #[error("stored data is not as it must be: a ciphertext envelope")]
    Envelope,
    /// The envelope does not open: other owner, table or row, or changed bytes.
    #[error(
        "an envelope does not open with its owner's key; the row was moved or changed: restore it from a backup"
    )]
    DoesNotOpen,
    /// The owner has no such key.
    #[error("the owner's key is not there; bring keys.db of the same time as the database back")]
    KeyAbsent,
    /// The owner's keys were destroyed on purpose.
    #[error("the owner's keys were destroyed for good; the data cannot be read any more")]
    Shredded,
    /// The installation's own key can be neither destroyed nor renewed.
    #[error("the key of the directories can be neither destroyed nor renewed; name another owner")]
    Reserved,
    /// A reason is absent or too long.
    #[error("the reason must have 1 to {0} characters; shorten it")]
    Reason(usize),
    /// The owner's key was renewed too often.
    #[error("the owner has {0} data keys already; no more can be made")]
    TooManyKeys(u32),
    /// A change of the root did not end.
    #[error("a change of the root did not end; repeat it, or start the program again")]
    RootChanging,
    /// The cipher failed by itself.
    #[error("the cipher could not {0}; restart the program")]
    Cipher(&'static str),
    /// A thread died while it held the keys.
    #[error("the key store stopped in the middle of work; restart the program")]
    Stopped,
}
