//! The program as a whole: its storage on both engines, its error catalogue, its routes.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod clinical;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod consent_ledger;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod door;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod failover;
#[cfg(test)]
mod founding;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod offline;
#[cfg(test)]
mod operation;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod relocate;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod sealing;
