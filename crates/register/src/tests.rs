//! The desk through its router.

mod disaster;
mod people;

use registry::model::FacilityKind;
use store::caller::{Home, Role};
use testkit::{World, world::As};

/// The operator's office with its registrar.
struct Desk {
    world: World,
    office: Home,
    registrar: As,
}

fn desk() -> Desk {
    let world = World::new(vec![crate::service(), eligibility::service()]);
    let office = world.office(FacilityKind::Operator, 1, "医療情報基盤センター");
    let registrar = world.staff(&office, Role::Registrar);
    Desk {
        world,
        office,
        registrar,
    }
}
