//! A clinic's node and its platform, two programs with a line between them that the test cuts.

mod checks;
mod copies;
mod pages;
mod rules;
mod settling;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use access::session::{self, Stage, Whose};
use eligibility::snapshot::{self, paper::Identity};
use kernel::{
    id::{ClientId, PersonId, StaffId},
    time::JstDate,
};
use registry::model::{ChangeKind, CopayRate, Coverage};
use serde_json::{Value, json};
use store::caller::{Home, Role};
use testkit::{
    World,
    population::{self, Life, demo},
    world::{As, Reply},
};

use crate::{
    Upstream,
    line::{Cut, Heard, Line},
    model::Held,
    ops::{self, Kept, Settling},
};

const CODE: &str = "1310000001";
const NAME: &str = "みどり診療所";

/// 橘 佐和子, and one of the late elderly.
const SAWAKO: usize = 0;
const TAKASHI: usize = 1;
/// One of the twins: same household, same number, another branch.
const TWIN: usize = 4;

fn today() -> JstDate {
    JstDate::parse("2026-11-22").unwrap()
}

type Spoil = Box<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>;

/// What a test can do to the line.
#[derive(Default)]
struct Lever {
    cut: Mutex<Option<Cut>>,
    /// The platform does what it is asked, and its answer is lost.
    loses_answers: AtomicBool,
    /// What becomes of an answer on the way.
    spoil: Mutex<Option<Spoil>>,
    /// What was asked.
    asked: Mutex<Vec<(String, Vec<u8>)>>,
    answers: AtomicUsize,
}

struct TestLine {
    platform: Arc<World>,
    system: As,
    lever: Arc<Lever>,
}

impl Line for TestLine {
    fn post(&self, path: &str, body: &[u8]) -> Result<Heard, Cut> {
        let lever = &self.lever;
        lever
            .asked
            .lock()
            .unwrap()
            .push((path.to_owned(), body.to_vec()));
        if let Some(why) = *lever.cut.lock().unwrap() {
            return Err(why);
        }
        let kind = "application/json";
        let reply = self
            .platform
            .send(&self.system, "POST", path, kind, body.to_vec());
        if lever.loses_answers.load(Ordering::SeqCst) {
            return Err(Cut::Time);
        }
        lever.answers.fetch_add(1, Ordering::SeqCst);
        let body = match &*lever.spoil.lock().unwrap() {
            Some(spoil) => spoil(reply.body),
            None => reply.body,
        };
        match reply.status {
            401 => Err(Cut::Registration),
            status @ (408 | 429 | 500..) => Err(Cut::Status(status)),
            status => Ok(Heard { status, body }),
        }
    }
}

/// A clinic, its platform, and the family of the demonstration.
struct Pair {
    platform: Arc<World>,
    clinic: World,
    at_platform: Home,
    client: ClientId,
    home: Home,
    system: As,
    clerk: StaffId,
    lever: Arc<Lever>,
    lives: Vec<Life>,
    people: Vec<PersonId>,
}

fn pair() -> Pair {
    pair_with(&Identity::generate())
}

fn pair_with(identity: &Identity) -> Pair {
    let platform = Arc::new(World::new(vec![eligibility::service()]));
    let clinic = World::new(vec![crate::service()]);
    let at_platform = platform.facility(CODE, NAME);
    let home = clinic.facility(CODE, NAME);
    let system = platform.system(&at_platform);
    let lives = demo::family(today());
    let people = lives.iter().map(|life| platform.person(life)).collect();
    let facility = at_platform.id;
    let recipient = identity.recipient().to_text();
    let client = platform.set_up(move |call| {
        let clients = access::client::list(call, facility)?;
        let client = clients.first().expect("a system").0.id;
        let recipient = snapshot::paper::Recipient::parse(&recipient).expect("a recipient");
        snapshot::ops::allow(call, facility, client, &recipient)?;
        Ok(client)
    });
    let lever = Arc::new(Lever::default());
    let line = TestLine {
        platform: Arc::clone(&platform),
        system: system.clone(),
        lever: Arc::clone(&lever),
    };
    let signer: [u8; 32] = platform.app.gate.seal_key().try_into().expect("32 bytes");
    let upstream = Upstream::new(
        (CODE.to_owned(), client),
        (signer, identity.clone()),
        15,
        Box::new(line),
    );
    assert!(clinic.app.tell(upstream));
    let clerk = clinic.account(&home, Role::Clerk, "not a hash");
    Pair {
        platform,
        clinic,
        at_platform,
        client,
        home,
        system,
        clerk,
        lever,
        lives,
        people,
    }
}

fn printed(coverage: &population::Coverage) -> Value {
    json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "branch": coverage.branch.as_ref().map(|b| b.as_str()),
    })
}

impl Pair {
    fn upstream(&self) -> &Upstream {
        self.clinic.app.told().expect("told")
    }

    /// A visit at the platform, by number.
    fn comes(&self, who: usize) {
        let life = &self.lives[who];
        let mut body = printed(life.coverage_last().expect("a coverage"));
        body["birth_date"] = json!(life.birth.to_string());
        let reply = self
            .platform
            .post(&self.system, "/api/v1/eligibility/checks", &body);
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    /// A session of the clerk that has just begun: time passes in tests.
    fn clerk(&self) -> As {
        let whose = Whose::Staff(self.home.id, self.clerk);
        As::Browser(self.clinic.set_up(move |call| {
            let token = session::begin(call, whose, Stage::Full)?;
            Ok(token.reveal().clone())
        }))
    }

    fn fetch(&self) -> Kept {
        ops::fetch(&self.clinic.app, self.upstream()).expect("the store works")
    }

    fn fetched(&self) -> Held {
        match self.fetch() {
            Kept::Whole(held) => held,
            other => panic!("{other:?}"),
        }
    }

    fn refused(&self) -> &'static str {
        match self.fetch() {
            Kept::Refused(entry) => entry.code,
            other => panic!("{other:?}"),
        }
    }

    fn held(&self) -> Option<Held> {
        let facility = self.home.id;
        self.clinic
            .set_up(move |call| ops::standing(call, facility))
            .held
    }

    fn settle(&self) -> Settling {
        ops::settle_waiting(&self.clinic.app, self.upstream()).expect("the store works")
    }

    fn cut(&self, why: Option<Cut>) {
        *self.lever.cut.lock().unwrap() = why;
    }

    fn spoil(&self, spoil: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) {
        *self.lever.spoil.lock().unwrap() = Some(Box::new(spoil));
    }

    /// The form by number, with a key of its own.
    fn form(&self, who: usize, key: &str) -> Vec<(&'static str, String)> {
        let body = printed(self.lives[who].coverage_last().expect("a coverage"));
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let birth = self.lives[who].birth;
        vec![
            ("way", "number".to_owned()),
            ("key", key.to_owned()),
            ("insurer_number", text("insurer_number")),
            ("symbol", text("symbol")),
            ("number", text("number")),
            ("branch", text("branch")),
            ("birth_date_era", "AD".to_owned()),
            ("birth_date_year", birth.year().to_string()),
            ("birth_date_month", birth.month().to_string()),
            ("birth_date_day", birth.day().to_string()),
        ]
    }

    fn submit(&self, fields: &[(&'static str, String)]) -> Reply {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        self.clinic
            .submit(&self.clerk(), "/counter/checks", &fields)
    }

    fn check(&self, who: usize, key: &str) -> Reply {
        self.submit(&self.form(who, key))
    }

    fn list(&self) -> String {
        let reply = self.clinic.get(&self.clerk(), "/counter/differences");
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.text()
    }

    /// The insurer changes the newest coverage of somebody.
    fn change(&self, who: usize, kind: ChangeKind, change: fn(&mut Coverage)) {
        let person = self.people[who];
        self.platform.set_up(move |call| {
            call.lock(person)?;
            let mut coverage = registry::ops::coverages(call, person)?.pop().expect("one");
            change(&mut coverage);
            registry::ops::record_change(call, person, kind, &coverage)?;
            Ok(())
        });
    }

    /// The acts of somebody's own history at the platform, newest first.
    fn history(&self, who: usize) -> Vec<String> {
        let person = self.people[who];
        self.platform.set_up(move |call| {
            call.open(person)?;
            let subject = store::audit::Subject::Person(person);
            let entries = call.history(subject, i64::MAX, 100)?;
            Ok(entries.into_iter().map(|one| one.record.event).collect())
        })
    }

    fn times(&self, who: usize, event: &str) -> usize {
        self.history(who).iter().filter(|one| *one == event).count()
    }

    /// Visits at the platform that came of the copy.
    fn offline_visits(&self) -> usize {
        let facility = self.at_platform.id;
        let visits = self
            .platform
            .set_up(move |call| eligibility::ops::today(call, facility));
        let offline = |visit: &&eligibility::model::Visit| {
            visit.method == eligibility::model::Method::Offline
        };
        visits.iter().filter(offline).count()
    }

    /// Both clocks.
    fn pass(&self, seconds: i64) {
        self.platform.clock.advance(seconds);
        self.clinic.clock.advance(seconds);
    }
}

const fn rate(tenths: u8) -> CopayRate {
    match CopayRate::tenths(tenths) {
        Some(rate) => rate,
        None => panic!("0 to 3"),
    }
}

/// Who are you, in katakana as the copy has it.
fn kana(life: &Life) -> String {
    testkit::seed::profile(life).kana
}
