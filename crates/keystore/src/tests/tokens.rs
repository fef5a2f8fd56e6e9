//! PKCS#11 for real, with SoftHSM2. Its configuration comes from the environment of the
//! process, so these tests run again in a process of their own.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use cryptoki::{mechanism, object::Attribute, session::Session};
use kernel::Secret;

use super::{Folder, owner, passphrase, seal, unseal};
use crate::{KeyError, KeyStore, Unlock, token};

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];
const INSIDE: &str = "TASUKI_TOKEN_TEST_INSIDE";
const LABEL: &str = "tasuki test";
const PIN: &str = "271828";

fn module() -> Option<&'static str> {
    MODULES.into_iter().find(|path| Path::new(path).exists())
}

fn make_token(conf: &Path, label: &str) -> bool {
    Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", label])
        .args(["--pin", PIN, "--so-pin", "31415926"])
        .env("SOFTHSM2_CONF", conf)
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs the test of that name again in a process with a token of its own; `true` inside it.
fn with_token(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if module().is_none() {
        eprintln!("SKIPPED: {name} (SoftHSM2 is not installed)");
        return false;
    }
    let folder = Folder::new();
    let tokens = folder.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let conf = folder.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(&conf, text).unwrap();
    if !make_token(&conf, LABEL) {
        eprintln!("SKIPPED: {name} (softhsm2-util is absent)");
        return false;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("tests::tokens::{name}"), "--nocapture"])
        .env(INSIDE, "1")
        .env("SOFTHSM2_CONF", &conf)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{errors}");
    assert!(told.contains("1 passed"), "{told}");
    false
}

fn lock(token: &str, pin: &str, key: &str) -> Unlock {
    Unlock::Pkcs11 {
        module: module().unwrap().into(),
        token: token.to_owned(),
        pin: Secret::new(pin.to_owned()),
        key: key.to_owned(),
    }
}

fn refused(folder: &Folder, unlock: &Unlock) -> KeyError {
    let before = folder.files();
    let error = KeyStore::open(folder.path(), unlock).err().unwrap();
    assert_eq!(folder.files(), before, "a failed open changes nothing");
    error
}

/// Speaks to the token itself, past the key store.
fn in_token<T>(work: impl FnOnce(&Session) -> T) -> T {
    let pin = Secret::new(PIN.to_owned());
    token::with_session(
        Path::new(module().unwrap()),
        LABEL,
        &pin,
        true,
        |session, _| Ok(work(session)),
    )
    .unwrap()
}

#[test]
fn a_token_opens_what_its_key_locked() {
    if !with_token("a_token_opens_what_its_key_locked") {
        return;
    }
    let folder = Folder::new();
    let mine = lock(LABEL, PIN, "tasuki root");
    let keys = KeyStore::open(folder.path(), &mine).unwrap();
    let sealed = seal(&keys, owner(1), b"x");
    keys.flush().unwrap();
    drop(keys);
    let text = fs::read_to_string(folder.path().join("root.json")).unwrap();
    assert!(text.contains("aes-gcm"), "{text}");
    assert!(!text.contains(PIN));
    let keys = KeyStore::open(folder.path(), &mine).unwrap();
    assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
    drop(keys);
    let handles = in_token(|session| token::find(session, "tasuki root").unwrap());
    assert_eq!(handles.len(), 1);
    // The token itself refuses to give the key away.
    in_token(|session| {
        let key = token::find(session, "tasuki root").unwrap()[0];
        let value = session.get_attributes(key, &[cryptoki::object::AttributeType::Value]);
        assert!(!value.is_ok_and(|v| v.iter().any(|a| matches!(a, Attribute::Value(_)))));
    });
}

#[test]
fn each_way_in_which_a_token_refuses_has_its_own_word() {
    if !with_token("each_way_in_which_a_token_refuses_has_its_own_word") {
        return;
    }
    let fresh = Folder::new();
    let pin = refused(&fresh, &lock(LABEL, "000000", "k"));
    assert!(matches!(pin, KeyError::TokenPin), "{pin}");
    assert!(fresh.files().is_empty());

    let folder = Folder::new();
    drop(KeyStore::open(folder.path(), &lock(LABEL, PIN, "k")).unwrap());
    let pin = refused(&folder, &lock(LABEL, "000000", "k"));
    assert!(matches!(pin, KeyError::TokenPin), "{pin}");
    let token = refused(&folder, &lock("another", PIN, "k"));
    assert!(matches!(token, KeyError::TokenAbsent(_)), "{token}");
    let key = refused(&folder, &lock(LABEL, PIN, "other"));
    assert!(matches!(key, KeyError::TokenKeyAbsent(_)), "{key}");
    let kind = refused(&folder, &passphrase("long enough to be one"));
    assert!(matches!(kind, KeyError::OtherRoot { .. }), "{kind}");
    // Another key of another folder.
    drop(KeyStore::open(Folder::new().path(), &lock(LABEL, PIN, "other")).unwrap());
    let key = refused(&folder, &lock(LABEL, PIN, "other"));
    assert!(matches!(key, KeyError::TokenWrong(_)), "{key}");
    drop(KeyStore::open(folder.path(), &lock(LABEL, PIN, "k")).unwrap());
}

#[test]
fn a_key_that_can_leave_its_token_is_refused() {
    if !with_token("a_key_that_can_leave_its_token_is_refused") {
        return;
    }
    in_token(|session| {
        session
            .generate_key(
                &mechanism::Mechanism::AesKeyGen,
                &[
                    Attribute::Token(true),
                    Attribute::Sensitive(false),
                    Attribute::Extractable(true),
                    Attribute::Encrypt(true),
                    Attribute::Decrypt(true),
                    Attribute::ValueLen(32_usize.try_into().unwrap()),
                    Attribute::Label(b"open".to_vec()),
                ],
            )
            .unwrap();
    });
    let folder = Folder::new();
    let open = refused(&folder, &lock(LABEL, PIN, "open"));
    assert!(matches!(open, KeyError::TokenKeyOpen(_)), "{open}");
    assert!(folder.files().is_empty());
}

#[test]
fn a_root_moves_into_a_token_and_out_again() {
    if !with_token("a_root_moves_into_a_token_and_out_again") {
        return;
    }
    let folder = Folder::new();
    let words = passphrase("long enough to be one");
    let mine = lock(LABEL, PIN, "tasuki root");
    let mut keys = KeyStore::open(folder.path(), &words).unwrap();
    let sealed = seal(&keys, owner(1), b"x");
    for new in [&mine, &Unlock::File, &mine, &words] {
        keys.change_root(new).unwrap();
        drop(keys);
        keys = KeyStore::open(folder.path(), new).unwrap();
        assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
    }
    drop(keys);
    let old = refused(&folder, &mine);
    assert!(matches!(old, KeyError::OtherRoot { .. }), "{old}");
}

#[test]
fn a_token_without_gcm_locks_with_cbc_and_a_changed_byte_shows() {
    if !with_token("a_token_without_gcm_locks_with_cbc_and_a_changed_byte_shows") {
        return;
    }
    let root = crate::cipher::new_key();
    let id = crate::cipher::root_id(&root);
    let mut locked = in_token(|session| {
        token::lock_in(session, token::Mechanism::CbcPad, "cbc", &root).unwrap()
    });
    assert_eq!(locked.nonce.len(), 16);
    let pin = Secret::new(PIN.to_owned());
    let open = |locked: &token::Locked| {
        let module = Path::new(module().unwrap());
        token::unlock(module, LABEL, &pin, "cbc", locked, &id)
    };
    assert_eq!(open(&locked).unwrap(), root);
    locked.bytes[3] ^= 1;
    assert!(matches!(open(&locked), Err(KeyError::TokenWrong(_))));
    locked.bytes[3] ^= 1;
    locked.nonce[3] ^= 1;
    assert!(matches!(open(&locked), Err(KeyError::TokenWrong(_))));
}
