//! Who acts for whom in a small world.

use access::{
    proxy::{Kind, Registration, Scope},
    session::{self, Stage, Whose},
};
use kernel::id::{PersonId, RelationId};

use crate::world::{As, World};

impl World {
    /// The session of somebody who acts for a person by a relation of this scope, as parent of
    /// a child and else as named by the person.
    #[must_use]
    pub fn proxy(&self, subject: PersonId, proxy: PersonId, scope: &Scope) -> As {
        let id = self.relation(subject, proxy, scope);
        As::Browser(self.set_up(move |call| {
            let token = session::begin(call, Whose::Patient(proxy), Stage::Full)?;
            let token = access::proxy::act(call, proxy, token.reveal(), id)?;
            let token = token.ok_or(&access::errors::PROXY_ENDED)?;
            Ok(token.reveal().clone())
        }))
    }

    /// The relation alone.
    #[must_use]
    pub fn relation(&self, subject: PersonId, proxy: PersonId, scope: &Scope) -> RelationId {
        let scope = scope.clone();
        self.set_up(move |call| {
            call.open(subject)?;
            let born = registry::ops::profile(call, subject)?.birth;
            let is_child = born.age_on(call.at().jst_date()) < access::proxy::ADULT_AGE;
            let kind = if is_child { Kind::Parent } else { Kind::Family };
            access::proxy::register(
                call,
                &Registration {
                    subject,
                    proxy,
                    kind,
                    scope: scope.clone(),
                    until: None,
                    evidence: "戸籍全部事項証明書".to_owned(),
                    by: "試験".to_owned(),
                },
            )
        })
    }
}
