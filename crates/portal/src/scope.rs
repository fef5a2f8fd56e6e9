//! One's own items, or those that a proxy may see.

use access::{
    consent::Category,
    errors,
    policy::{Action, Class},
    proxy,
};
use kernel::id::PersonId;
use records::model::Item;
use store::{Call, Stop};

/// Items, and the categories that were looked for.
pub struct Own {
    /// What may be seen.
    pub items: Vec<Item>,
    /// Of which categories: all of them but for a proxy.
    pub categories: Vec<Category>,
}

/// The person's items within the caller's scope.
///
/// # Errors
/// [`errors::PROXY_SCOPE`] for a proxy who may see no category; the store's.
pub fn own(call: &mut Call<'_>, me: PersonId) -> Result<Own, Stop> {
    let mut categories = Vec::new();
    for category in Category::ALL {
        if proxy::may(call, Class::from(category), Action::Read)? {
            categories.push(category);
        }
    }
    if categories.is_empty() {
        return Err(Stop::from(&errors::PROXY_SCOPE));
    }
    let mut items = records::ops::own(call, me)?;
    items.retain(|item| categories.contains(&item.category));
    Ok(Own { items, categories })
}
