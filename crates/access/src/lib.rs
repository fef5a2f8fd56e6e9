//! Who is calling, what they may do, and what the person has agreed to.
//!
//! [`gate::Gate`] owns the engine: whatever reaches the store does so as a named caller,
//! through it. [`policy`] says what each role may do; [`consent`] what a person allows.

pub mod challenge;
pub mod client;
pub mod consent;
pub mod errors;
pub mod factor;
pub mod gate;
pub mod guess;
pub mod history;
pub mod identity;
pub mod jwk;
pub mod login;
pub mod passkey;
pub mod password;
pub mod policy;
pub mod proxy;
pub mod refresh;
pub mod scope;
pub mod session;
pub mod staff;
mod store;
pub mod substitute;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod token;
pub mod window;
mod words;

pub use gate::Gate;
pub use kernel::net as network;
pub use store::schema;
