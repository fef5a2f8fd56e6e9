//! OAuth scopes: what an access token narrows its holder to. They never widen a role.
//!
//! Source: identity-security OA-05; SMART App Launch 2.2, scopes and launch context.

use crate::policy::Permission;

/// Do these scopes (a space between) cover what a route asks?
#[must_use]
pub fn covers(scopes: &str, permission: Permission) -> bool {
    let any: &[&str] = match permission {
        Permission::Public | Permission::Ask => return true,
        Permission::CheckEligibility => &["tasuki/eligibility"],
        Permission::RecordConsent => &["tasuki/consent"],
        Permission::ViewShared => &["user/*.rs", "patient/*.rs"],
        Permission::RegisterRecords | Permission::ValidateRecords => &["system/Bundle.cud"],
        Permission::OwnData => &["patient/*.rs"],
        _ => &[],
    };
    scopes.split(' ').any(|scope| any.contains(&scope))
}
