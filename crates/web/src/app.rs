//! The program as its routes see it.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
};

use access::Gate;
use kernel::Entry;
use store::Schema;

use crate::{
    Route, health::Health, metrics::Metrics, passwords::Passwords, peer::Seen, rates::Rates,
    trust::Trust,
};

/// Kinds of values that the program tells desks at its start.
const TOLD_MAX: usize = 4;

/// A service: one value that says all the program needs to know.
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// Its storage, if it has any.
    pub schema: Option<Schema>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Its part of the error catalogue.
    pub errors: Vec<&'static Entry>,
}

/// What every request can reach.
pub struct App {
    /// The way to the store.
    pub gate: Gate,
    /// Whose cards are believed.
    pub trust: Trust,
    /// This server's origin, inside every text that a card signs: `http://127.0.0.1:8080`.
    pub origin: String,
    /// What stands at the top of every page of a system that is not the real one.
    pub banner: Option<&'static str>,
    /// Where passwords are checked.
    pub passwords: Passwords,
    /// Is the program well, and does it take work?
    pub health: Health,
    /// What is counted of its requests.
    pub metrics: Metrics,
    /// How much each caller may ask for.
    pub rates: Rates,
    /// Who has connected, for the ledgers.
    pub seen: Seen,
    /// The route table.
    pub routes: Vec<Route>,
    /// Every catalogue entry that can leave.
    pub errors: Vec<&'static Entry>,
    /// What the program was told at its start for single desks: one value of a type.
    told: [OnceLock<Box<dyn Any + Send + Sync>>; TOLD_MAX],
}

impl App {
    /// Puts the services together.
    #[must_use]
    pub fn new(
        gate: Gate,
        trust: Trust,
        origin: String,
        banner: Option<&'static str>,
        services: Vec<Service>,
    ) -> Arc<Self> {
        let mut errors = catalogue();
        let mut routes = Vec::new();
        for service in services {
            errors.extend(service.errors);
            routes.extend(service.routes);
        }
        routes.extend(crate::login::routes());
        routes.extend(crate::account::routes());
        routes.extend(crate::openapi::routes());
        routes.extend(crate::health::routes());
        let metrics = Metrics::new();
        Arc::new(Self {
            health: Health::new(gate.now()),
            rates: Rates::new(&metrics),
            metrics,
            seen: Seen::default(),
            gate,
            trust,
            origin,
            banner,
            passwords: Passwords::default(),
            routes,
            errors,
            told: [const { OnceLock::new() }; TOLD_MAX],
        })
    }

    /// Tells what the command line has for one desk alone, once a type; `false` when such a
    /// value was told before, or there is no place left.
    pub fn tell<T: Any + Send + Sync>(&self, what: T) -> bool {
        if self.told::<T>().is_some() {
            return false;
        }
        let mut what: Box<dyn Any + Send + Sync> = Box::new(what);
        for place in &self.told {
            match place.set(what) {
                Ok(()) => return true,
                Err(back) => what = back,
            }
        }
        false
    }

    /// What was told, as the desk knows it.
    #[must_use]
    pub fn told<T: Any>(&self) -> Option<&T> {
        let mut told = self.told.iter().filter_map(OnceLock::get);
        told.find_map(|what| what.downcast_ref())
    }

    /// Do browsers reach this server by TLS only?
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// The catalogue of everything below the services.
#[must_use]
pub fn catalogue() -> Vec<&'static Entry> {
    let parts: [&[&'static Entry]; 6] = [
        crate::errors::ALL,
        access::errors::ALL,
        store::ERRORS,
        signing::path::ALL,
        signing::challenge::ALL,
        signing::reader::ALL,
    ];
    parts.concat()
}
