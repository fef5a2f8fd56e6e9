//! Sealing over the whole program.

use testkit::World;

#[test]
fn one_round_of_sealing_leaves_nobody_waiting_and_an_idle_server_seals_nothing() {
    let world = World::new(Vec::new());
    let lives = testkit::population::Population::new(7, 2_100, world.app.gate.now().jst_date());
    for life in lives.iter() {
        let _person = world.person(&life);
    }
    let gate = &world.app.gate;
    let sealed = gate.seal().expect("sealed");
    assert!(sealed >= 2_100, "{sealed}");
    // What is left are the records of the seals themselves, and they alone are no reason.
    let trust = store::verify::Trust::default();
    let report = store::verify::verify_link(&world.link(), &trust, &mut |_| {})
        .expect("readable")
        .expect("whole");
    assert!(report.records - report.sealed <= 2, "{report:?}");
    assert_eq!(gate.seal().expect("idle"), 0);
    assert_eq!(gate.seal().expect("idle"), 0);
}
