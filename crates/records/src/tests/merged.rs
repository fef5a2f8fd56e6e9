//! What is read and written while two registrations of one person are joined.

use access::consent::{self, Category, Choice};
use registry::{merge, ops as people};
use store::Stop;

use super::{Ward, lines};
use kernel::id::PersonId;
use store::caller::{Actor, Caller, Purpose};

/// Her documents stand under one registration, and a second one is kept.
fn joined() -> (Ward, PersonId) {
    let ward = Ward::new();
    for bundle in &ward.bundles {
        assert_eq!(ward.register(&bundle.json).status, 201);
    }
    let kept = PersonId::from_bytes([7; 16]);
    let (profile, merged) = (testkit::seed::profile(&ward.life), ward.person);
    ward.world.set_up(move |call| {
        people::enroll(call, kept, &profile, &[])?;
        merge::merge(call, kept, merged, "二重の登録").map(drop)
    });
    (ward, kept)
}

fn own(ward: &Ward, person: PersonId) -> Vec<String> {
    let job = Caller::new(Actor::Job { name: "test" });
    let found = ward.world.run(job, Purpose::OwnAccess, move |call| {
        Ok(crate::ops::own(call, person)?.items)
    });
    lines(&found.unwrap_or_else(|stop| panic!("{stop:?}")))
}

fn part(ward: &Ward, kept: PersonId) {
    ward.world
        .set_up(move |call| merge::undo(call, kept, 1, "別の方でした").map(drop));
}

#[test]
fn the_kept_registration_reads_what_both_have_until_they_are_parted() {
    let (ward, kept) = joined();
    let all = ward.own();
    assert!(!all.is_empty());
    assert_eq!(own(&ward, kept), all);
    part(&ward, kept);
    assert!(own(&ward, kept).is_empty());
    assert_eq!(ward.own(), all);
}

#[test]
fn a_document_registered_before_is_replaced_read_back_and_deleted_by_its_sender() {
    let (ward, kept) = joined();
    let all = own(&ward, kept);
    let bundle = ward.bundle("Condition");
    let reply = ward.register(&bundle.json);
    assert_eq!(reply.status, 200, "replaced, not doubled: {}", reply.text());
    assert_eq!(own(&ward, kept), all);
    let other = ward.bundle("AllergyIntolerance");
    assert_eq!(ward.command("document", &other.identifier).status, 200);
    assert_eq!(ward.command("delete", &other.identifier).status, 200);
    assert!(own(&ward, kept).len() < all.len());
    part(&ward, kept);
    let left = (own(&ward, kept).len(), ward.own().len());
    assert!(
        left.0 > 0 && left.1 > 0,
        "the new one stays with the kept one: {left:?}"
    );
}

#[test]
fn consent_of_one_registration_never_opens_what_the_other_closed() {
    let (ward, kept) = joined();
    let merged = ward.person;
    let facility = ward.hospital.id;
    let choose = |person: PersonId, categories: &'static [Category]| {
        ward.world.clock.advance(1);
        ward.world.set_up(move |call| {
            call.open(person)?;
            let choice = Choice {
                facility,
                categories: categories.to_vec(),
                purpose: Purpose::Treatment,
                is_for_visit: true,
                standing: None,
                method: "pin".to_owned(),
            };
            consent::choose(call, person, &choice).map(drop)
        });
    };
    let open = || {
        let home = ward.hospital.clone();
        let doctor = Caller::new(Actor::Job { name: "test" });
        assert_eq!(home.id, facility);
        let found = ward.world.run(doctor, Purpose::Treatment, move |call| {
            let view = crate::ops::shared(call, kept, facility)?;
            Ok(view
                .open
                .iter()
                .map(|(category, _)| *category)
                .collect::<Vec<_>>())
        });
        match found {
            Ok(open) => open,
            Err(Stop::Refused(_)) => Vec::new(),
            Err(other) => panic!("{other:?}"),
        }
    };
    const BOTH: &[Category] = &[Category::Allergies, Category::Conditions];
    choose(merged, BOTH);
    assert!(open().is_empty(), "what the merged one gave opens nothing");
    part(&ward, kept);
    choose(kept, BOTH);
    choose(merged, &[Category::Conditions]);
    ward.world.clock.advance(1);
    ward.world
        .set_up(move |call| merge::merge(call, kept, merged, "やはり同じ方").map(drop));
    assert_eq!(open(), [Category::Conditions], "the less of the two holds");
    choose(kept, BOTH);
    assert_eq!(open().len(), 2, "she chose anew, knowing of both");
}
