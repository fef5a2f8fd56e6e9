//! What an operator asks of a running program, over a socket in the data folder that only the
//! folder's owner may open; and the same done on a folder that nobody serves.
//!
//! One JSON request a connection; the answer is lines of JSON, the last of which says whether
//! it was done.

pub mod clients;

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use access::Gate;
use anyhow::{Context, anyhow, bail};
use kernel::id::PersonId;
use oauth::registration::Written;
use serde::{Deserialize, Serialize};
use store::{Stop, caller::Event};
use web::App;

use crate::{
    alerts, authority, doctor, endpoints, founding,
    keeper::Asking,
    notices,
    proxies::{self, Asked},
    reference,
    storage::Storage,
};

const SOCKET: &str = "control.sock";
/// Bytes of a request at most.
const REQUEST_MAX: u64 = 16_384;
/// Rows of keys that are wrapped anew in one step.
const STEP_ROWS: u32 = 500;

static SHRED: Event = Event {
    code: "keys.shred",
    ja: "記録の鍵の破棄(復元できない消去)",
    en: "keys destroyed: erased for good",
};
static ROTATE: Event = Event {
    code: "keys.rotate",
    ja: "鍵暗号化鍵の交換",
    en: "key-encryption key changed",
};

/// What an operator may ask.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// A generation of backups now.
    Backup {},
    /// Wrap all data keys with a new key-encryption key and destroy the old one.
    RotateKeys {},
    /// What the store knows of this installation's fitness for real patients.
    Doctor {},
    /// Destroy a person's keys: nobody can read what is stored about them any more.
    Shred {
        /// The person, 32 hexadecimal digits.
        person: String,
        /// Why; kept for good.
        reason: String,
    },
    /// Who may act for whom.
    Proxy {
        /// What about it.
        asked: Asked,
    },
    /// Insurers' and payers' numbers, and masters.
    Reference {
        /// What of them.
        asked: reference::Asked,
    },
    /// Certificates of cards, as their authority tells.
    Notice {
        /// What it tells.
        told: notices::Told,
    },
    /// Peers that no ledger names.
    Alerts {
        /// What about them.
        asked: alerts::Asked,
    },
    /// Addresses to which notifications may go.
    Endpoints {
        /// What of them.
        asked: endpoints::Asked,
    },
    /// Facilities: how one begins, which there are.
    Facility {
        /// What of them.
        asked: founding::Asked,
    },
    /// Certificates, and who answers for the safety of the system.
    Authority {
        /// What of it.
        asked: authority::Asked,
    },
    /// Register a facility's system.
    ClientAdd {
        /// The facility's code or identifier.
        facility: String,
        /// Name, for people.
        name: String,
        /// `backend` or `app`.
        kind: String,
        /// Scopes, with spaces between.
        scopes: String,
        /// Its public key, a JSON Web Key.
        key: String,
        /// Return addresses, with spaces between.
        redirects: String,
        /// Networks, with spaces between.
        networks: String,
    },
    /// A facility's systems.
    ClientList {
        /// The facility's code or identifier.
        facility: String,
    },
    /// Let a facility's system keep a copy of its own patients for cut lines.
    ClientCopy(clients::Copy),
    /// End a facility's system and its tokens.
    ClientEnd {
        /// The facility's code or identifier.
        facility: String,
        /// The `client_id`.
        client: String,
    },
}

/// A line of the answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// `Some` on the last line: was it done?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
}

/// Tells the operator how it goes.
pub type Tell<'t> = &'t mut dyn FnMut(&str, &str);

/// Where requests are carried out.
pub struct Desk<'g> {
    /// The store's gate.
    pub gate: &'g Gate,
    /// The keeper of backups, when there is one.
    pub keeper: Option<Asking>,
    /// Set when the program ends: what is done in steps stops between two of them.
    pub stopping: Arc<AtomicBool>,
}

impl Desk<'_> {
    /// Carries a request out.
    ///
    /// # Errors
    /// Why it could not be done.
    pub fn perform(&self, request: &Request, tell: Tell<'_>) -> anyhow::Result<()> {
        match request {
            Request::Backup {} => self.backup(tell),
            Request::RotateKeys {} => self.rotate(tell),
            Request::Doctor {} => {
                for finding in doctor::of_store(self.gate)? {
                    tell(&finding.line(), &finding.en);
                }
                Ok(())
            }
            Request::Shred { person, reason } => self.shred(person, reason, tell),
            Request::Proxy { asked } => proxies::perform(self.gate, asked, tell),
            Request::Reference { asked } => reference::perform(self.gate, asked, tell),
            Request::Notice { told } => notices::perform(self.gate, told, tell),
            Request::Alerts { asked } => alerts::perform(self.gate, asked, tell),
            Request::Endpoints { asked } => endpoints::perform(self.gate, asked, tell),
            Request::Facility { asked } => founding::perform(self.gate, asked, tell),
            Request::Authority { asked } => authority::perform(self.gate, asked, tell),
            Request::ClientAdd {
                facility,
                name,
                kind,
                scopes,
                key,
                redirects,
                networks,
            } => {
                let written = Written {
                    name,
                    kind,
                    scopes,
                    key,
                    redirects,
                    networks,
                    ..Written::default()
                };
                clients::add(self.gate, facility, &written, tell)
            }
            Request::ClientList { facility } => clients::list(self.gate, facility, tell),
            Request::ClientCopy(asked) => clients::copy(self.gate, asked, tell),
            Request::ClientEnd { facility, client } => clients::end(self.gate, facility, client),
        }
    }

    fn backup(&self, tell: Tell<'_>) -> anyhow::Result<()> {
        let keeper = self.keeper.as_ref().context(
            "バックアップ先が設定されていません。serve に --backup を付けて起動してください / no repository is set: start serve with --backup",
        )?;
        let number = keeper.generation()?;
        tell(
            &format!("バックアップの世代{number}ができました。"),
            &format!("generation {number} of backups is complete"),
        );
        Ok(())
    }

    fn rotate(&self, tell: Tell<'_>) -> anyhow::Result<()> {
        let upkeep = self.gate.upkeep();
        let keys = upkeep.keys();
        if !keys.is_rotating()? {
            keys.begin_rotation()?;
        }
        self.go_on_rotating(tell)
    }

    /// Goes on by itself with a rotation that a kill cut short.
    fn resume(&self) {
        let outcome = match self.gate.upkeep().keys().is_rotating() {
            Ok(false) => return,
            Ok(true) => self.go_on_rotating(&mut |_, en| tracing::info!("{en}")),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = outcome {
            tracing::error!(
                error = format!("{error:#}"),
                "the rotation of the keys has not ended"
            );
        }
    }

    /// Goes on with a rotation that has begun, to its end.
    fn go_on_rotating(&self, tell: Tell<'_>) -> anyhow::Result<()> {
        let upkeep = self.gate.upkeep();
        let keys = upkeep.keys();
        let mut told = 0;
        let number = loop {
            if self.stopping.load(Ordering::SeqCst) {
                bail!(
                    "終了するため中断しました。次の起動のときに続きを行います / \
                     cut short because the program ends; it goes on at the next start"
                );
            }
            let progress = keys.rotate_step(STEP_ROWS)?;
            if progress.done >= told + 100_000 {
                told = progress.done;
                tell(
                    &format!("{told}/{}本の鍵を包み直しました。", progress.total),
                    &format!("{told} of {} keys wrapped anew", progress.total),
                );
            }
            if progress.is_done() {
                break progress.total;
            }
        };
        let intent = self.gate.job_intent("operator", &ROTATE);
        let noted = self.gate.write(intent, move |call| {
            call.detail("keys", number.to_string());
            Ok(())
        });
        noted.wait().map_err(refused)?;
        self.rewrite_backed_up_keys()?;
        tell(
            &format!("鍵を交換し、{number}本をすべて包み直しました。古い鍵は破棄しました。"),
            &format!("{number} keys are wrapped by a new key; the old one is destroyed"),
        );
        Ok(())
    }

    fn shred(&self, person: &str, reason: &str, tell: Tell<'_>) -> anyhow::Result<()> {
        let id = PersonId::parse(person).context("a person is 32 hexadecimal digits")?;
        anyhow::ensure!(
            !reason.trim().is_empty(),
            "消去の理由を書いてください / say why"
        );
        // First that it is done, on the person's own chain; what nobody can read afterwards is
        // told once more on the installation's chain.
        let intent = self.gate.job_intent("operator", &SHRED);
        let noted = self.gate.write(intent, move |call| call.lock(id));
        noted.wait().map_err(refused)?;
        let (intent, hex) = (self.gate.job_intent("operator", &SHRED), id.to_hex());
        let noted = self.gate.write(intent, move |call| {
            call.detail("subject", hex.clone());
            Ok(())
        });
        noted.wait().map_err(refused)?;
        let upkeep = self.gate.upkeep();
        upkeep.keys().shred(*id.as_bytes(), upkeep.now(), reason)?;
        self.rewrite_backed_up_keys()?;
        if self.keeper.is_some() {
            tell(
                "鍵を破棄しました。この方の記録は、バックアップから復元しても読めません。",
                "the keys are destroyed; what is stored about this person cannot be read any more, restored backups included",
            );
        } else {
            tell(
                "鍵を破棄しました。バックアップに残っている鍵の写しは、次に serve --backup で起動したときに消えます。",
                "the keys are destroyed here; a copy in a backup goes at the next start of serve with --backup",
            );
        }
        Ok(())
    }

    /// No older copy of a key is left in the repository either.
    fn rewrite_backed_up_keys(&self) -> anyhow::Result<()> {
        let Some(keeper) = &self.keeper else {
            return Ok(());
        };
        keeper.keys().map(|_| ()).context(
            "鍵の処理は済みましたが、バックアップの保管場所にはまだ古い鍵の写しがあります。次の書き込みで消えます / \
             done here, but the repository still holds a copy of the old keys; it goes with the next write there",
        )
    }
}

pub(crate) fn refused(stop: Stop) -> anyhow::Error {
    match stop {
        Stop::Refused(refusal) => {
            anyhow!("{} / {}", refusal.entry.cause.ja, refusal.entry.cause.en)
        }
        Stop::Failed(error) => error.into(),
    }
}

/// Asks the program that serves the folder; if none does, does it here. `Ok(false)` when it
/// was not done; the reason is printed.
///
/// # Errors
/// When the folder cannot be opened or the answer cannot be read.
pub fn ask(storage: &Storage, request: &Request) -> anyhow::Result<bool> {
    ask_telling(storage, request, &mut |ja, en| println!("{ja}\n{en}"))
}

/// The same for whoever does something else with the lines of the answer.
///
/// # Errors
/// As [`ask`].
pub fn ask_telling(storage: &Storage, request: &Request, print: Tell<'_>) -> anyhow::Result<bool> {
    if let Ok(stream) = UnixStream::connect(storage.data.join(SOCKET)) {
        return listen_to(stream, request, print);
    }
    if matches!(request, Request::Backup {}) {
        bail!(
            "{0} では動いていません。tasuki serve --backup で起動してから行ってください / \
             nothing serves {0}: start it with tasuki serve --backup first",
            storage.data.display()
        );
    }
    let gate = storage.open_existing()?;
    Desk {
        gate: &gate,
        keeper: None,
        stopping: Arc::default(),
    }
    .perform(request, print)?;
    Ok(true)
}

fn listen_to(mut stream: UnixStream, request: &Request, print: Tell<'_>) -> anyhow::Result<bool> {
    serde_json::to_writer(&mut stream, request)?;
    stream.write_all(b"\n")?;
    for line in BufReader::new(stream).lines() {
        let line: Line = serde_json::from_str(&line?)?;
        print(&line.ja, &line.en);
        if let Some(done) = line.done {
            return Ok(done);
        }
    }
    bail!("the program ended before it had answered")
}

/// The socket; gone when it is dropped.
pub struct Control {
    path: PathBuf,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Control {
    /// Listens in the data folder.
    ///
    /// # Errors
    /// When the folder's name is too long for a socket, or cannot be written.
    pub fn start(folder: &Path, app: &Arc<App>, keeper: Option<Asking>) -> std::io::Result<Self> {
        let path = folder.join(SOCKET);
        let _stale = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let stopping = Arc::new(AtomicBool::new(false));
        let rotating = spawn("rotation", {
            let (app, keeper, stopping) = (Arc::clone(app), keeper.clone(), Arc::clone(&stopping));
            move || {
                Desk {
                    gate: &app.gate,
                    keeper,
                    stopping,
                }
                .resume()
            }
        })?;
        let (app, stop) = (Arc::clone(app), Arc::clone(&stopping));
        let answering = spawn("control", move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let desk = Desk {
                    gate: &app.gate,
                    keeper: keeper.clone(),
                    stopping: Arc::clone(&stop),
                };
                if let Err(error) = stream.map_err(Into::into).and_then(|s| answer(&desk, s)) {
                    tracing::warn!(%error, "an operator's request could not be answered");
                }
            }
        })?;
        Ok(Self {
            path,
            stopping,
            threads: vec![rotating, answering],
        })
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes whoever waits for the next connection.
        let _woken = UnixStream::connect(&self.path);
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
        let _absent = std::fs::remove_file(&self.path);
    }
}

fn answer(desk: &Desk<'_>, mut stream: UnixStream) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut line = String::new();
    BufReader::new(std::io::Read::take(stream.try_clone()?, REQUEST_MAX)).read_line(&mut line)?;
    if line.is_empty() {
        return Ok(());
    }
    let mut say = |ja: &str, en: &str, done: Option<bool>| {
        let line = Line {
            ja: ja.to_owned(),
            en: en.to_owned(),
            done,
        };
        serde_json::to_writer(&mut stream, &line)
            .map_err(anyhow::Error::from)
            .and_then(|()| Ok(stream.write_all(b"\n")?))
    };
    let outcome = serde_json::from_str(&line)
        .map_err(anyhow::Error::from)
        .and_then(|request| {
            desk.perform(&request, &mut |ja, en| {
                // Whoever asked may have gone; what was asked for is done all the same.
                let _gone = say(ja, en, None);
            })
        });
    match outcome {
        Ok(()) => say("完了しました。", "done", Some(true)),
        Err(error) => {
            let words = format!("{error:#}");
            say(&words, "not done", Some(false))
        }
    }
}
