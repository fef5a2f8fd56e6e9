//! The citizen's desk (ご本人のページ): one's own data, who has looked at it, and who may.
//!
//! Every look a person takes here is on their own history as well. What the history shows
//! never tells more of a document than its owner may read: counts and kinds of registered
//! entries stay out, because an entry that a doctor has not told the patient of yet (未告知)
//! would show through them.
//!
//! Source: identity-security AUD-07 (the person sees every access), CONS-01 (withdrawal at
//! any time), SESS-01 (ten idle minutes); clins-documents section b (未告知, 未提供).

mod api;
mod consents;
mod documents;
mod events;
mod family;
mod frame;
mod history;
mod home;
mod insurance;
mod line;
mod login;
mod proof;
mod record;
mod visit;
mod words;

#[cfg(test)]
mod tests;

use web::Service;

/// The desk, as the program lists it.
#[must_use]
pub fn service() -> Service {
    let mut routes = login::routes();
    routes.extend(home::routes());
    routes.extend(insurance::routes());
    routes.extend(record::routes());
    routes.extend(documents::routes());
    routes.extend(history::routes());
    routes.extend(proof::routes());
    routes.extend(consents::routes());
    routes.extend(family::routes());
    routes.extend(visit::routes());
    routes.extend(api::routes());
    Service {
        name: "portal",
        schema: None,
        routes,
        errors: Vec::new(),
    }
}
