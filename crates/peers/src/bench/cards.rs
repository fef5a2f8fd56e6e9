//! Card checks made beforehand: certificates, then challenges, then signatures.
//!
//! A signature costs ten times its check and belongs to the card, not to the server: it has
//! no place in the timed part. A challenge lives two minutes, so whatever is not signed in
//! time is left out.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::time::Timestamp;
use serde_json::{Value, json};
use signing::{
    Algorithm,
    testpki::{CardCredential, TestPki},
};

use super::{CONNECTIONS, loads, server::Ready};
use crate::{
    load::{self, Plan, PreparedRequest, pick},
    record_system::CardCheck,
};

/// The terminal of all calls.
const TERMINAL: &str = "bench-1";
/// Seconds from the first challenge until nothing more is signed: half of a challenge's life
/// stays for the timed part.
const SIGN_SECONDS_MAX: u64 = 60;
/// Seconds in which the challenges must come.
const ASK_SECONDS_MAX: u64 = 40;
const DAY_HOURS: i64 = 24;

/// A challenge and its text.
#[derive(Clone)]
struct Asked {
    id: String,
    text: String,
    issued_at: Timestamp,
}

/// A card, its certificate in wire form.
struct Card {
    credential: CardCredential,
    certificate: String,
}

/// At most `count` card checks, each by one of the cards of the file.
pub(super) fn prepare(
    ready: &Ready,
    address: SocketAddr,
    count: u64,
) -> anyhow::Result<Vec<PreparedRequest>> {
    let numbers = numbers(ready)?;
    let of = u64::try_from(numbers.len())?;
    let chosen: Vec<u64> = (0..count)
        .filter_map(|call| numbers.get(usize::try_from(pick(call, of)).ok()?).copied())
        .collect();
    // The server's clock, as every terminal learns it.
    let now = ask(ready, address, 1)?
        .first()
        .map(|asked| asked.issued_at)
        .context("no challenge")?;
    let cards = make_cards(&chosen, now)?;
    let begin = Instant::now();
    let asked = ask(ready, address, count)?;
    let jobs: Vec<(&Card, &Asked)> = chosen
        .iter()
        .zip(&asked)
        .filter_map(|(number, asked)| Some((cards.get(number)?.as_ref(), asked)))
        .collect();
    let token = ready.token()?;
    let requests = sign(&jobs, begin, |card, asked, signature| {
        let check = CardCheck {
            challenge: &asked.id,
            certificate: &card.certificate,
            signature: &STANDARD.encode(signature),
            terminal: TERMINAL,
            auth_method: "pin",
            on: "",
            terminal_answer: None,
        };
        let path = "/api/v1/eligibility/card-checks";
        loads::post(address, &token, path, &check.json())
    })?;
    if requests.is_empty() {
        bail!("no card check could be prepared in time");
    }
    Ok(requests)
}

fn numbers(ready: &Ready) -> anyhow::Result<Vec<u64>> {
    loads::lines(&ready.cards_file)?
        .iter()
        .map(|line| line.parse().context("a card's number is malformed"))
        .collect()
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn make_cards(chosen: &[u64], now: Timestamp) -> anyhow::Result<BTreeMap<u64, Arc<Card>>> {
    let distinct: Vec<u64> = BTreeSet::from_iter(chosen.iter().copied())
        .into_iter()
        .collect();
    let pki = TestPki::new()?;
    let from = now.plus_hours(-DAY_HOURS * 365);
    let until = now.plus_hours(DAY_HOURS * 365 * 4);
    let share = distinct.len().div_ceil(threads()).max(1);
    let make = |number: &u64| -> anyhow::Result<(u64, Arc<Card>)> {
        let credential = pki.card_for(*number, from, until)?;
        let certificate = STANDARD.encode(&credential.certificate_der);
        let card = Card {
            credential,
            certificate,
        };
        Ok((*number, Arc::new(card)))
    };
    let parts = in_parallel(&distinct, share, |part| {
        part.iter().map(make).collect::<anyhow::Result<Vec<_>>>()
    })?;
    let mut cards = BTreeMap::new();
    for part in parts {
        cards.extend(part?);
    }
    Ok(cards)
}

/// Signs in parallel until the time is up; in order, without gaps.
fn sign(
    jobs: &[(&Card, &Asked)],
    begin: Instant,
    finish: impl Fn(&Card, &Asked, &[u8]) -> PreparedRequest + Sync,
) -> anyhow::Result<Vec<PreparedRequest>> {
    let limit = Duration::from_secs(SIGN_SECONDS_MAX);
    let one = |(card, asked): &(&Card, &Asked)| -> anyhow::Result<PreparedRequest> {
        let signature = card
            .credential
            .sign(Algorithm::RsaPkcs1Sha256, asked.text.as_bytes())?;
        Ok(finish(card, asked, &signature))
    };
    let share = jobs.len().div_ceil(threads()).max(1);
    let parts = in_parallel(jobs, share, |part| {
        part.iter()
            .take_while(|_| begin.elapsed() < limit)
            .map(one)
            .collect::<anyhow::Result<Vec<_>>>()
    })?;
    let mut out = Vec::with_capacity(jobs.len());
    for part in parts {
        out.extend(part?);
    }
    Ok(out)
}

/// Each share of the work on a thread of its own.
fn in_parallel<T: Sync, R: Send>(
    all: &[T],
    share: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> anyhow::Result<Vec<R>> {
    thread::scope(|scope| {
        let handles: Vec<_> = all
            .chunks(share)
            .map(|part| scope.spawn(|| work(part)))
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().map_err(|_| anyhow!("a thread broke off")))
            .collect()
    })
}

/// Gets challenges, as many as are answered in time.
fn ask(ready: &Ready, address: SocketAddr, count: u64) -> anyhow::Result<Vec<Asked>> {
    let body = json!({ "terminal": TERMINAL });
    let path = "/api/v1/eligibility/challenges";
    let request = loads::post(address, &ready.token()?, path, &body);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let wrong = Rc::new(RefCell::new(None));
    let (kept, first) = (Rc::clone(&asked), Rc::clone(&wrong));
    load::run_reading(
        Plan {
            address,
            connections: CONNECTIONS,
            rate: None,
            seconds: ASK_SECONDS_MAX,
            count: Some(count),
        },
        move |_| request.clone(),
        move |_, status, body| {
            let read = (status == 201).then(|| read(body)).flatten();
            if read.is_none() {
                first
                    .borrow_mut()
                    .get_or_insert_with(|| loads::describe(status, body));
            }
            let fits = read.is_some();
            kept.borrow_mut().extend(read);
            fits
        },
    )?;
    let asked = asked.take();
    if asked.is_empty() {
        let wrong = wrong.take().unwrap_or_else(|| "no answer".to_owned());
        bail!("no challenge was given: {wrong}");
    }
    Ok(asked)
}

fn read(body: &[u8]) -> Option<Asked> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let word = |name: &str| json.get(name)?.as_str().map(str::to_owned);
    Some(Asked {
        id: word("challenge")?,
        text: word("text")?,
        issued_at: Timestamp::parse(&word("issued_at")?)?,
    })
}
