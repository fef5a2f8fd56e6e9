//! The root locked by a key that never leaves its token (PKCS#11).
//!
//! The token is asked once, when the folder is opened or its root is changed; data keys never
//! go there. AES-GCM where the token has it, else AES-CBC with padding: a changed byte then
//! shows because the root that comes out has another name than the one written down.
//!
//! Source: OASIS PKCS #11 3.1, 6.13 (AES-GCM), 6.11 (AES-CBC-PAD).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Mutex,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{self, MechanismType, aead::GcmParams},
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::{AuthPin, Ulong},
};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    KeyError,
    cipher::{self, KEY_LEN, Key, RootId},
    random::fill,
};

const GCM_NONCE_LEN: usize = 12;
const GCM_TAG_BITS: usize = 128;
const CBC_NONCE_LEN: usize = 16;
const PLACE: &[u8] = b"tasuki root";
const KEYS_MAX: usize = 16;

/// How the token locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mechanism {
    #[serde(rename = "aes-gcm")]
    Gcm,
    #[serde(rename = "aes-cbc-pad")]
    CbcPad,
}

/// A root as the token locked it.
pub(crate) struct Locked {
    pub mechanism: Mechanism,
    pub nonce: Vec<u8>,
    pub bytes: Vec<u8>,
}

/// Libraries stay loaded: other parts of the process may use the same one, and many do not
/// bear being unloaded. The lock keeps one log-in to a token at a time.
static LIBRARIES: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

/// Locks `root` with the token's key `label`, which is made if absent.
pub(crate) fn lock(
    module: &Path,
    token: &str,
    pin: &Secret<String>,
    label: &str,
    root: &Key,
) -> Result<Locked, KeyError> {
    with_session(module, token, pin, true, |session, best| {
        lock_in(session, best, label, root)
    })
}

/// The root that [`lock`] locked, known by its name.
pub(crate) fn unlock(
    module: &Path,
    token: &str,
    pin: &Secret<String>,
    label: &str,
    locked: &Locked,
    id: &RootId,
) -> Result<Key, KeyError> {
    with_session(module, token, pin, false, |session, _| {
        let keys = find(session, label)?;
        if keys.is_empty() {
            return Err(KeyError::TokenKeyAbsent(label.to_owned()));
        }
        // Labels need not be unique in a token.
        keys.into_iter()
            .take(KEYS_MAX)
            .filter_map(|key| decrypt(session, key, locked))
            .find(|root| cipher::root_id(root) == *id)
            .ok_or_else(|| KeyError::TokenWrong(label.to_owned()))
    })
}

fn lock_in(
    session: &Session,
    mechanism: Mechanism,
    label: &str,
    root: &Key,
) -> Result<Locked, KeyError> {
    let key = match find(session, label)?.first() {
        Some(key) => *key,
        None => generate(session, label)?,
    };
    if !stays_inside(session, key)? {
        return Err(KeyError::TokenKeyOpen(label.to_owned()));
    }
    encrypt(session, key, mechanism, root)
}

fn with_session<T>(
    module: &Path,
    label: &str,
    pin: &Secret<String>,
    write: bool,
    work: impl FnOnce(&Session, Mechanism) -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    let mut libraries = LIBRARIES.lock().map_err(|_| KeyError::Stopped)?;
    let library = load(&mut libraries, module)?;
    let slot = slot(&library, label)?;
    let session = if write {
        library.open_rw_session(slot)
    } else {
        library.open_ro_session(slot)
    }
    .map_err(|e| failed("open a session", &e))?;
    let pin = AuthPin::new(pin.reveal().clone().into_boxed_str());
    match session.login(UserType::User, Some(&pin)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
        Err(Error::Pkcs11(
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
            _,
        )) => return Err(KeyError::TokenPin),
        Err(Error::Pkcs11(RvError::PinLocked, _)) => return Err(KeyError::TokenLocked),
        Err(e) => return Err(failed("log in", &e)),
    }
    let mechanisms = library
        .get_mechanism_list(slot)
        .map_err(|e| failed("list its mechanisms", &e))?;
    let best = if mechanisms.contains(&MechanismType::AES_GCM) {
        Mechanism::Gcm
    } else {
        Mechanism::CbcPad
    };
    // Closing the only session logs out.
    work(&session, best)
}

fn load(libraries: &mut BTreeMap<PathBuf, Pkcs11>, module: &Path) -> Result<Pkcs11, KeyError> {
    if let Some(library) = libraries.get(module) {
        return Ok(library.clone());
    }
    let refused = |why: String| KeyError::TokenModule {
        module: module.to_owned(),
        why,
    };
    let library = Pkcs11::new(module).map_err(|e| refused(e.to_string()))?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(e) => return Err(refused(e.to_string())),
    }
    libraries.insert(module.to_owned(), library.clone());
    Ok(library)
}

fn slot(library: &Pkcs11, label: &str) -> Result<Slot, KeyError> {
    let slots = library
        .get_slots_with_token()
        .map_err(|e| failed("list its slots", &e))?;
    for slot in slots {
        // A slot whose token was just pulled out is passed over.
        if library
            .get_token_info(slot)
            .is_ok_and(|info| info.label().trim_end() == label)
        {
            return Ok(slot);
        }
    }
    Err(KeyError::TokenAbsent(label.to_owned()))
}

fn find(session: &Session, label: &str) -> Result<Vec<ObjectHandle>, KeyError> {
    session
        .find_objects(&[
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Label(label.as_bytes().to_vec()),
        ])
        .map_err(|e| failed("look for the key", &e))
}

fn generate(session: &Session, label: &str) -> Result<ObjectHandle, KeyError> {
    session
        .generate_key(
            &mechanism::Mechanism::AesKeyGen,
            &[
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
                Attribute::ValueLen(number(KEY_LEN)?),
                Attribute::Label(label.as_bytes().to_vec()),
            ],
        )
        .map_err(|e| failed("make a key", &e))
}

fn stays_inside(session: &Session, key: ObjectHandle) -> Result<bool, KeyError> {
    let told = session
        .get_attributes(key, &[AttributeType::Sensitive, AttributeType::Extractable])
        .map_err(|e| failed("tell whether the key may leave it", &e))?;
    Ok(told.contains(&Attribute::Sensitive(true)) && told.contains(&Attribute::Extractable(false)))
}

fn encrypt(
    session: &Session,
    key: ObjectHandle,
    mechanism: Mechanism,
    root: &Key,
) -> Result<Locked, KeyError> {
    let (nonce, bytes) = match mechanism {
        Mechanism::Gcm => {
            let mut nonce = [0; GCM_NONCE_LEN];
            fill(&mut nonce);
            let params = GcmParams::new(&mut nonce, PLACE, number(GCM_TAG_BITS)?)
                .map_err(|e| failed("take its parameters", &e))?;
            let gcm = mechanism::Mechanism::AesGcm(params);
            let bytes = session.encrypt(&gcm, key, root.as_ref());
            // Some tokens choose the nonce themselves and write it back.
            (nonce.to_vec(), bytes)
        }
        Mechanism::CbcPad => {
            let mut nonce = [0; CBC_NONCE_LEN];
            fill(&mut nonce);
            let cbc = mechanism::Mechanism::AesCbcPad(nonce);
            (nonce.to_vec(), session.encrypt(&cbc, key, root.as_ref()))
        }
    };
    Ok(Locked {
        mechanism,
        nonce,
        bytes: bytes.map_err(|e| failed("encrypt", &e))?,
    })
}

/// `None` when the key is another one or a byte was changed.
fn decrypt(session: &Session, key: ObjectHandle, locked: &Locked) -> Option<Key> {
    let opened = match locked.mechanism {
        Mechanism::Gcm => {
            let mut nonce: [u8; GCM_NONCE_LEN] = locked.nonce.as_slice().try_into().ok()?;
            let params = GcmParams::new(&mut nonce, PLACE, number(GCM_TAG_BITS).ok()?).ok()?;
            let gcm = mechanism::Mechanism::AesGcm(params);
            session.decrypt(&gcm, key, &locked.bytes)
        }
        Mechanism::CbcPad => {
            let nonce: [u8; CBC_NONCE_LEN] = locked.nonce.as_slice().try_into().ok()?;
            session.decrypt(&mechanism::Mechanism::AesCbcPad(nonce), key, &locked.bytes)
        }
    };
    let opened = Zeroizing::new(opened.ok()?);
    let mut root = Key::default();
    if opened.len() != KEY_LEN {
        return None;
    }
    root.as_mut().copy_from_slice(&opened);
    Some(root)
}

fn number(number: usize) -> Result<Ulong, KeyError> {
    number
        .try_into()
        .map_err(|e| failed("take its parameters", &e))
}

fn failed(doing: &'static str, error: &Error) -> KeyError {
    KeyError::Token {
        doing,
        why: error.to_string(),
    }
}
