//! Databases for worlds on the second engine: the same tests, another engine.
//!
//! A world has a database to itself. To make one and its tables takes longer than most tests,
//! so a world that ends while others go on hands its database on, emptied; the last one drops
//! them all.

mod store;

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ::store::{Schema, link::Link};

/// How long a server may take for one command.
const SERVER_WAITS: Duration = Duration::from_secs(30);
static COUNT: AtomicU64 = AtomicU64::new(0);
static SHARED: Mutex<Shared> = Mutex::new(Shared {
    alive: 0,
    free: Vec::new(),
});

struct Shared {
    /// Worlds that have a database.
    alive: usize,
    free: Vec<Place>,
}

/// Where a database is.
struct Place {
    server: String,
    name: String,
    /// Whose tables are in it.
    services: Vec<&'static str>,
}

/// A world's own database.
pub(crate) struct TestDatabase(Option<Place>);

impl TestDatabase {
    /// A database without any row on the server of `TASUKI_TEST_DATABASE_URL`, when the tests
    /// are to run there.
    pub(crate) fn of_the_environment(schemas: &[Schema]) -> Result<Option<Self>, String> {
        let Ok(server) = std::env::var("TASUKI_TEST_DATABASE_URL") else {
            return Ok(None);
        };
        let services: Vec<&'static str> = schemas.iter().map(|schema| schema.service).collect();
        let mut shared = shared();
        shared.alive += 1;
        let fits = |place: &Place| place.server == server && place.services == services;
        if let Some(at) = shared.free.iter().position(fits) {
            return Ok(Some(Self(Some(shared.free.swap_remove(at)))));
        }
        drop(shared);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let place = Place {
            name: format!("world_{}_{number}", std::process::id()),
            server,
            services,
        };
        let made = Self(Some(place));
        made.place().map_or(Ok(()), Place::make)?;
        Ok(Some(made))
    }

    const fn place(&self) -> Option<&Place> {
        self.0.as_ref()
    }

    /// A link of one's own.
    pub(crate) fn link(&self) -> Result<Link, String> {
        Link::server(&self.url(), SERVER_WAITS).map_err(|error| error.to_string())
    }

    pub(crate) fn url(&self) -> String {
        self.place().map(Place::url).unwrap_or_default()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(place) = self.0.take() else { return };
        let empty = on_a_thread(&place.url(), &[store::EMPTY]);
        let mut shared = shared();
        shared.alive = shared.alive.saturating_sub(1);
        match empty {
            Ok(()) => shared.free.push(place),
            Err(_) => place.remove(),
        }
        if shared.alive == 0 {
            for place in shared.free.drain(..) {
                place.remove();
            }
        }
    }
}

impl Place {
    fn url(&self) -> String {
        // Of two names the later one counts.
        format!("{} dbname={}", self.server, self.name)
    }

    fn make(&self) -> Result<(), String> {
        // Of a process that had this number before, and was killed.
        let (remove, make) = (store::remove(&self.name), store::make(&self.name));
        on_a_thread(&self.server, &[&remove, &make])
    }

    fn remove(&self) {
        // A test that ended the server itself leaves nothing to remove.
        let _gone = on_a_thread(&self.server, &[&store::remove(&self.name)]);
    }
}

fn shared() -> MutexGuard<'static, Shared> {
    // A list and a count are right after a panic, too.
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On a thread of its own: a world may be made and dropped inside an async runtime.
fn on_a_thread(url: &str, commands: &[&str]) -> Result<(), String> {
    std::thread::scope(|scope| {
        let ran = scope.spawn(|| {
            let link = Link::server(url, SERVER_WAITS)?;
            commands.iter().try_for_each(|command| link.batch(command))
        });
        match ran.join() {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(_) => Err("the server's thread ended in the middle".to_owned()),
        }
    })
}
