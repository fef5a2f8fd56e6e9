//! A small world for tests: a store in a folder of its own, a clock that the test moves, a
//! test certificate authority, and the program's router without a socket.

mod send;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use access::{
    Gate,
    client::Client,
    session::{self, Stage, Whose},
    token,
};
use axum::Router;
use kernel::{
    id::{PersonId, StaffId},
    time::{Clock, Timestamp},
};
use registry::model::FacilityKind;
use signing::{
    testpki::{CardCredential, TestPki},
    vcard::{Content, Profile, VirtualCard},
};
use store::{
    Call, Database, Engine, Options, ServerOptions, Stop,
    caller::{Caller, Event, Home, Intent, Purpose, Role},
    engine::DATABASE,
    link::Link,
};
use web::{App, Service, peer::PeerCertificate, trust::Trust};

pub use crate::reply::Reply;
use crate::{database::TestDatabase, population::Life, seed};

/// When every world begins: 2026-11-22, 10:00 in Japan.
pub const BEGIN: i64 = 1_795_309_200;
/// This world's origin, inside every signed text.
pub const ORIGIN: &str = "http://tasuki.test";

/// Connections of one world to its server: many worlds share it.
const WORLD_CONNECTIONS: usize = 3;

static COUNT: AtomicU64 = AtomicU64::new(0);
static WORLD: Event = Event {
    code: "test.set-up",
    ja: "試験の準備",
    en: "test set-up",
};

/// A clock that stands until it is moved.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Standing at [`BEGIN`].
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicI64::new(BEGIN))
    }

    /// Moves it by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst) * 1_000_000)
    }
}

/// The world.
pub struct World {
    /// The program.
    pub app: Arc<App>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its certificate authority.
    pub pki: TestPki,
    router: Router,
    peer: Mutex<Option<PeerCertificate>>,
    runtime: tokio::runtime::Runtime,
    folder: PathBuf,
    /// Record systems by their first token: the client, its token now, and until when.
    systems: Mutex<BTreeMap<String, (Client, String, Timestamp)>>,
    /// Where the data is, when it is on a server; last, so that it goes after the engine.
    database: Option<TestDatabase>,
}

/// Whoever sends a request.
#[derive(Clone, Debug)]
pub enum As {
    /// Nobody.
    Nobody,
    /// A record system, by its token.
    System(String),
    /// A browser, by its session token.
    Browser(String),
}

impl World {
    /// A new world with these services.
    ///
    /// # Panics
    /// When the world cannot be made: then no test can run.
    #[must_use]
    pub fn new(services: Vec<Service>) -> Self {
        Self::build(services).unwrap_or_else(|why| fail(&why))
    }

    fn build(services: Vec<Service>) -> Result<Self, String> {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let folder =
            std::env::temp_dir().join(format!("tasuki-world-{}-{number}", std::process::id()));
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|e| e.to_string())?;
        }
        let clock = Arc::new(TestClock::new());
        let shared: Arc<dyn Clock> = clock.clone();
        let mut schemas = vec![masters::schema(), registry::schema(), access::schema()];
        schemas.extend(services.iter().filter_map(|s| s.schema.clone()));
        let database = TestDatabase::of_the_environment(&schemas)?;
        let engine = Engine::open(Options {
            database: database.as_ref().map_or(Database::Embedded, |own| {
                Database::Server(ServerOptions {
                    connections: WORLD_CONNECTIONS,
                    ..ServerOptions::new(own.url())
                })
            }),
            ..Options::embedded(folder.clone(), schemas, shared)
        })
        .map_err(|e| e.to_string())?;
        let pki = TestPki::new().map_err(|e| e.to_string())?;
        let anchors = pki.trust_store().map_err(|e| e.to_string())?;
        let crls = pki.crl_store(clock.now(), &[]).map_err(|e| e.to_string())?;
        let app = App::new(
            Gate::new(engine),
            Trust::new(anchors, crls),
            ORIGIN.to_owned(),
            None,
            services,
        );
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self {
            router: web::router(&app),
            peer: Mutex::new(None),
            app,
            clock,
            pki,
            runtime,
            folder,
            systems: Mutex::default(),
            database,
        })
    }

    /// A link of one's own to what is stored, past the program.
    ///
    /// # Panics
    /// When the database cannot be opened.
    #[must_use]
    pub fn link(&self) -> Link {
        let link = match &self.database {
            Some(own) => own.link(),
            None => Link::embedded_reading(&self.folder.join(DATABASE)).map_err(|e| e.to_string()),
        };
        link.unwrap_or_else(|why| fail(&why))
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn intent(&self) -> Intent {
        self.app.gate.job_intent("test", &WORLD)
    }

    /// Runs a preparing operation as a job.
    ///
    /// # Panics
    /// When it is refused or fails.
    pub fn set_up<T, F>(&self, op: F) -> T
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        match self.app.gate.write(self.intent(), op).wait() {
            Ok(value) => value,
            Err(stop) => fail(&format!("{stop:?}")),
        }
    }

    /// Runs any operation as `caller`, for looking behind the scenes.
    ///
    /// # Errors
    /// What the operation says.
    pub fn run<T, F>(&self, caller: Caller, purpose: Purpose, op: F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let intent = self.app.gate.intent(caller, purpose, &WORLD);
        self.app.gate.write(intent, op).wait()
    }

    /// Runs `count` operations at the same time; `op` makes each by its number.
    #[must_use]
    pub fn at_once<T, F>(&self, count: usize, op: impl Fn(usize) -> F) -> Vec<Result<T, Stop>>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let begun: Vec<_> = (0..count)
            .map(|number| self.app.gate.write(self.intent(), op(number)))
            .collect();
        begun.into_iter().map(store::Pending::wait).collect()
    }

    /// The same as `caller`.
    #[must_use]
    pub fn at_once_as<T, F>(
        &self,
        caller: &Caller,
        purpose: Purpose,
        count: usize,
        op: impl Fn(usize) -> F,
    ) -> Vec<Result<T, Stop>>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let intent = || self.app.gate.intent(caller.clone(), purpose, &WORLD);
        let begun: Vec<_> = (0..count)
            .map(|number| self.app.gate.write(intent(), op(number)))
            .collect();
        begun.into_iter().map(store::Pending::wait).collect()
    }

    /// A facility.
    #[must_use]
    pub fn facility(&self, code: &'static str, name: &'static str) -> Home {
        self.set_up(move |call| seed::home(call, code, name, FacilityKind::Clinic))
    }

    /// An office that is no clinic: an insurer, a town, the operator and the like.
    #[must_use]
    pub fn office(&self, kind: FacilityKind, number: u32, name: &'static str) -> Home {
        self.set_up(move |call| seed::office(call, kind, number, name))
    }

    /// A member of a facility's staff, with the session of a finished log-in.
    #[must_use]
    pub fn staff(&self, home: &Home, role: Role) -> As {
        let id = self.account(home, role, "not a hash");
        As::Browser(self.session(home, id))
    }

    /// An account whose log-in name is `ROLE@CODE`.
    #[must_use]
    pub fn account(&self, home: &Home, role: Role, password_hash: &str) -> StaffId {
        let (home, hash) = (home.clone(), password_hash.to_owned());
        let login = format!("{}@{}", role.word(), home.code);
        self.set_up(move |call| seed::account(call, &home, &login, role.ja(), role, &hash))
    }

    fn session(&self, home: &Home, staff: StaffId) -> String {
        let facility = home.id;
        self.set_up(move |call| {
            let whose = Whose::Staff(facility, staff);
            let token = session::begin(call, whose, Stage::Full)?;
            Ok(token.reveal().clone())
        })
    }

    /// A person's own session.
    #[must_use]
    pub fn patient(&self, person: PersonId) -> As {
        As::Browser(self.set_up(move |call| {
            let token = session::begin(call, Whose::Patient(person), Stage::Full)?;
            Ok(token.reveal().clone())
        }))
    }

    /// A facility's record system, which gets itself a new token whenever one has ended.
    #[must_use]
    pub fn system(&self, home: &Home) -> As {
        self.system_with(home, seed::RECORD_SYSTEM_SCOPES)
    }

    /// The same with other scopes, a space between.
    #[must_use]
    pub fn system_with(&self, home: &Home, scopes: &'static str) -> As {
        let home = home.clone();
        let client = self.set_up(move |call| seed::system(call, &home, None, scopes));
        let (token, until) = self.mint(&client);
        let known = (client, token.clone(), until);
        let mut systems = self.systems.lock().unwrap_or_else(PoisonError::into_inner);
        systems.insert(token.clone(), known);
        As::System(token)
    }

    /// A token for everything that a client is registered for, and when it ends.
    fn mint(&self, client: &Client) -> (String, Timestamp) {
        let client = client.clone();
        self.set_up(move |call| {
            let token = token::issue(call, &client, &client.terms.scopes, None)?;
            let until = call.at().plus_seconds(token::SECONDS);
            Ok((token.reveal().clone(), until))
        })
    }

    /// The token under which a record system is known, or the one that took its place.
    fn token_now(&self, first: &str) -> String {
        let mut systems = self.systems.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((client, token, until)) = systems.get_mut(first) else {
            return first.to_owned();
        };
        if self.clock.now() >= *until {
            (*token, *until) = self.mint(client);
        }
        token.clone()
    }

    /// A person, enrolled.
    #[must_use]
    pub fn person(&self, life: &Life) -> PersonId {
        let life = life.clone();
        self.set_up(move |call| seed::person(call, &life))
    }

    /// Card `number`, tied to a person.
    ///
    /// # Panics
    /// When the test authority cannot issue it.
    pub fn give_card(&self, person: PersonId, number: u64) {
        let now = self.clock.now();
        let anchors = self
            .pki
            .trust_store()
            .unwrap_or_else(|e| fail(&e.to_string()));
        let crls = self
            .pki
            .crl_store(now, &[])
            .unwrap_or_else(|e| fail(&e.to_string()));
        let key = seed::card_key(&self.pki, &anchors, &crls, number, now)
            .unwrap_or_else(|e| fail(&e.to_string()))
            .unwrap_or_else(|| fail("the card does not verify"));
        let tied =
            self.set_up(move |call| registry::ops::register_card(call, person, key.reveal()));
        if !tied {
            fail("the card is tied to somebody else");
        }
    }

    /// The key and certificate of card `number`.
    ///
    /// # Panics
    /// When the test authority cannot issue it.
    #[must_use]
    pub fn card(&self, number: u64) -> CardCredential {
        let (from, until) = seed::card_validity(self.clock.now());
        self.pki
            .card_for(number, from, until)
            .unwrap_or_else(|e| fail(&e.to_string()))
    }

    /// Card `number` as a virtual card with PIN 1234.
    ///
    /// # Panics
    /// When the test authority cannot issue it.
    #[must_use]
    pub fn virtual_card(&self, number: u64, life: &Life) -> VirtualCard {
        let holder = signing::testpki::Holder {
            name: life.name.full(),
            sex: life.sex.code().chars().next().unwrap_or('9'),
            birth: life.birth,
            address: life.address.line(),
        };
        let validity = seed::card_validity(self.clock.now());
        let content = Content::for_person(&self.pki, Profile::Card, number, holder, validity)
            .unwrap_or_else(|e| fail(&e.to_string()));
        VirtualCard::new(&self.pki, Profile::Card, &content)
    }

    /// How many audit records there are, over all chains.
    #[must_use]
    pub fn records(&self) -> u64 {
        match store::verify::verify_link(
            &self.link(),
            &store::verify::Trust::default(),
            &mut |_| {},
        ) {
            Ok(Ok(report)) => report.records,
            Ok(Err(fault)) => fail(&fault.to_string()),
            Err(error) => fail(&error.to_string()),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The folder is in the system's temporary place: what cannot be removed is swept there.
        let _left = fs::remove_dir_all(&self.folder);
    }
}

#[expect(
    clippy::panic,
    reason = "a test world that cannot be made ends its test"
)]
fn fail(why: &str) -> ! {
    panic!("{why}")
}
