//! Certificates, signatures and cards: who holds this key, and did that key sign this?
//!
//! * [`path`] checks an X.509 path the way JPKI and HPKI need it, and revocation lists.
//! * [`challenge`] is the text that a card signs, and the check of that signature.
//! * [`reader`] makes a My Number card sign, over any transport.
//! * [`vcard`] is a My Number card in process, [`testpki`] the authorities behind it.
//!
//! Nothing here does IO or reads a clock: instants are arguments, transports are traits.

pub mod challenge;
mod der;
pub mod key;
pub mod path;
pub mod reader;
pub mod testpki;
pub mod vcard;

pub use key::Algorithm;
pub use path::{
    CrlStore, KeyId, PathError, Purpose, Requirements, TrustStore, VerifiedCertificate,
};
