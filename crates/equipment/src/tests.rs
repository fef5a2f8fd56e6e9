//! The service through its router, as administrators and vendors meet it.

mod alerts;
mod ca;
mod diagnosis;
mod fresh;
mod ledger;
mod maintenance;

use store::caller::{Home, Role};
use testkit::{World, world::As};

/// A clinic with an administrator.
struct Office {
    world: World,
    home: Home,
    administrator: As,
}

fn office() -> Office {
    let world = World::new(vec![eligibility::service(), crate::service()]);
    let home = world.facility("1310000001", "みどり診療所");
    let administrator = world.staff(&home, Role::Administrator);
    Office {
        world,
        home,
        administrator,
    }
}

/// A second account of a role; its log-in name differs from the first one's.
fn another(
    world: &World,
    home: &Home,
    role: Role,
    login: &'static str,
) -> (kernel::id::StaffId, As) {
    let home = home.clone();
    let (id, token) = world.set_up(move |call| {
        let id = testkit::seed::account(call, &home, login, login, role, "not a hash")?;
        let whose = access::session::Whose::Staff(home.id, id);
        let token = access::session::begin(call, whose, access::session::Stage::Full)?;
        Ok((id, token.reveal().clone()))
    });
    (id, As::Browser(token))
}
