//! Whatever the order of work, what is kept can be restored.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Work {
    Generation,
    /// So many new entries, after so many repeated ones.
    Segment(u64, u64),
    WholeKeys,
    KeysTail,
    /// Begun and given up, each kind.
    Abandon,
    Reopen,
    /// The process dies after a set was placed and before the head was.
    CrashBeforeHead,
}

fn work() -> impl Strategy<Value = Work> {
    prop_oneof![
        2 => Just(Work::Generation),
        4 => (1..4_u64, 0..3_u64).prop_map(|(new, again)| Work::Segment(new, again)),
        1 => Just(Work::WholeKeys),
        2 => Just(Work::KeysTail),
        1 => Just(Work::Abandon),
        1 => Just(Work::Reopen),
        1 => Just(Work::CrashBeforeHead),
    ]
}

/// What the repository must give back.
#[derive(Default)]
struct Model {
    second: i64,
    entries: u64,
    /// Number and position of the generations kept.
    generations: Vec<(u64, u64)>,
    keys: Vec<Vec<u8>>,
    parts: u64,
}

impl Model {
    fn act(&mut self, world: &mut World, work: Work) {
        self.second += 60;
        match work {
            Work::Generation => {
                let data = noise(usize::try_from(self.entries).unwrap() * 100);
                let made = world.generation(self.second, self.entries, &data);
                assert!(made.rotated.is_ok());
                self.generations
                    .push((made.generation.number, self.entries));
                if self.generations.len() > 5 {
                    self.generations.remove(0);
                }
            }
            Work::Segment(new, again) if !self.generations.is_empty() => {
                let first = (self.entries + 1).saturating_sub(again).max(1);
                self.entries += new;
                world.segment(self.second, first, self.entries);
            }
            Work::WholeKeys => {
                self.keys.clear();
                self.add_keys(world, true);
            }
            Work::KeysTail if !self.keys.is_empty() => self.add_keys(world, false),
            Work::Abandon => abandon(world),
            Work::Reopen => {
                world.reopen();
            }
            Work::CrashBeforeHead => {
                let head = world.root().join("head.json");
                let before = fs::read(&head).unwrap();
                self.act(world, Work::Segment(1, 0));
                world.writer = None;
                fs::write(&head, before).unwrap();
                world.reopen();
            }
            Work::Segment(..) | Work::KeysTail => {}
        }
    }

    fn add_keys(&mut self, world: &World, whole: bool) {
        self.parts += 1;
        let bytes = format!("keys {}", self.parts).into_bytes();
        assert_eq!(world.keys(self.second, whole, &bytes).number, self.parts);
        self.keys.push(bytes);
    }

    fn check(&self, world: &World) {
        let repository = world.repository();
        let report = repository.verify(Some(&world.identity)).unwrap();
        assert!(report.damaged.is_empty(), "{report:?}");
        let listed: Vec<(u64, u64)> = repository
            .generations()
            .unwrap()
            .into_iter()
            .map(|generation| generation.unwrap())
            .map(|generation| (generation.number, generation.position))
            .collect();
        assert_eq!(listed, self.generations);
        for (number, position) in &self.generations {
            let length = usize::try_from(*position).unwrap() * 100;
            assert!(world.data(*number).unwrap() == noise(length));
            let (numbers, error) = world.numbers(*number);
            assert!(error.is_none(), "{error:?}");
            assert_eq!(numbers, (position + 1..=self.entries).collect::<Vec<_>>());
        }
        let parts = repository.keys().unwrap();
        let read = |part: &KeyPart| {
            let mut bytes = Vec::new();
            let mut reader = repository.open_keys(part, &world.identity).unwrap();
            reader.read_to_end(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(parts.iter().map(read).collect::<Vec<_>>(), self.keys);
    }
}

fn abandon(world: &World) {
    let writer = world.writer();
    let mut generation = writer.begin_generation().unwrap();
    generation.write_all(&noise(1500)).unwrap();
    drop(writer.begin_segment());
    let mut keys = writer.rewrite_keys().unwrap();
    keys.write_all(b"half of the keys").unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_of_work_every_generation_kept_reaches_the_newest_entry(
        works in proptest::collection::vec(work(), 1..24)
    ) {
        let mut world = World::new();
        let mut model = Model::default();
        for work in works {
            model.act(&mut world, work);
        }
        model.check(&world);
    }
}

#[test]
fn the_journal_goes_on_while_a_generation_is_written_by_another_thread() {
    let world = World::new();
    let _ = world.generation(0, 0, b"first");
    let writer = world.writer().clone();
    let (begun, is_begun) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        let mut generation = writer.begin_generation().unwrap();
        generation.write_all(&noise(2500)).unwrap();
        begun.send(()).unwrap();
        may_go_on.recv().unwrap();
        generation.write_all(&noise(2500)).unwrap();
        generation.finish(made(100, 0)).unwrap()
    });
    is_begun.recv().unwrap();
    world.segment(10, 1, 3);
    world.segment(40, 4, 5);
    go_on.send(()).unwrap();
    // From here on both run at once.
    for number in 6..20 {
        world.segment(70, number, number);
    }
    assert_eq!(thread.join().unwrap().generation.number, 2);
    for number in [1, 2] {
        assert_eq!(world.numbers(number).0, (1..20).collect::<Vec<_>>());
    }
    assert!(world.damaged().is_empty());
}
