//! A wire between the engine and its server that a test can cut, at the worst moments.

use std::{
    fs,
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::place::Base;

/// What the engine ends a transaction with.
const COMMIT: &[u8] = b"; COMMIT\0";
const SOCKET: &str = ".s.PGSQL.5432";

/// What happens to the next commit; once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It goes through.
    Pass,
    /// The server never gets it, and sees that its client has gone.
    CutBefore,
    /// The server never gets it, and does not see that its client has gone.
    CutUnseen,
    /// The server does it, and its answer is lost.
    CutAfter,
}

struct State {
    next: Next,
    /// Whether anybody is let through.
    is_cut: bool,
    /// Both ends of every connection.
    ends: Vec<UnixStream>,
    /// Connections that were let through.
    count: usize,
}

/// The wire; its socket goes when it is dropped.
pub(super) struct Wire {
    folder: PathBuf,
    state: Arc<Mutex<State>>,
}

impl Wire {
    pub fn to(base: &Base) -> Self {
        let folder =
            std::env::temp_dir().join(format!("wire-{}-{}", std::process::id(), base.name));
        let _absent = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("a folder");
        let listener = UnixListener::bind(folder.join(SOCKET)).expect("a socket");
        let state = Arc::new(Mutex::new(State {
            next: Next::Pass,
            is_cut: false,
            ends: Vec::new(),
            count: 0,
        }));
        let host = base
            .address
            .split_whitespace()
            .find_map(|word| word.strip_prefix("host="))
            .expect("a host");
        let (server, shared) = (Path::new(host).join(SOCKET), Arc::clone(&state));
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { break };
                if let Err(error) = join(client, &server, &shared) {
                    eprintln!("the wire: {error}");
                }
            }
        });
        Self { folder, state }
    }

    pub fn url(&self, base: &Base) -> String {
        format!(
            "host={} user=postgres dbname={}",
            self.folder.display(),
            base.name
        )
    }

    pub fn on_next_commit(&self, next: Next) {
        lock(&self.state).next = next;
    }

    /// Is what was asked for done?
    pub fn is_done(&self) -> bool {
        lock(&self.state).next == Next::Pass
    }

    /// Ends all connections and lets nobody through, as when the server is gone.
    pub fn cut(&self) {
        let mut state = lock(&self.state);
        state.is_cut = true;
        for end in state.ends.drain(..) {
            let _ended = end.shutdown(Shutdown::Both);
        }
    }

    /// The server is back.
    pub fn mend(&self) {
        lock(&self.state).is_cut = false;
    }

    pub fn connections(&self) -> usize {
        lock(&self.state).count
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
        self.cut();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn join(client: UnixStream, server: &Path, shared: &Arc<Mutex<State>>) -> io::Result<()> {
    let mut state = lock(shared);
    if state.is_cut {
        return client.shutdown(Shutdown::Both);
    }
    let server = UnixStream::connect(server)?;
    state.ends.push(client.try_clone()?);
    state.ends.push(server.try_clone()?);
    state.count += 1;
    drop(state);
    let is_mute = Arc::new(Mutex::new(false));
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let (shared, mute) = (Arc::clone(shared), Arc::clone(&is_mute));
    thread::spawn(move || {
        let _ended = there(&mut from_client, &mut to_server, &shared, &mute);
    });
    thread::spawn(move || {
        let _ended = back(server, client, &is_mute);
    });
    Ok(())
}

/// From the engine to the server.
fn there(
    client: &mut UnixStream,
    server: &mut UnixStream,
    shared: &Mutex<State>,
    mute: &Mutex<bool>,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = client.read(&mut buffer)?;
        let part = buffer.get(..length).unwrap_or_default();
        if part.is_empty() {
            return server.shutdown(Shutdown::Both);
        }
        if part.ends_with(COMMIT) {
            match std::mem::replace(&mut lock(shared).next, Next::Pass) {
                Next::Pass => {}
                Next::CutBefore => {
                    server.shutdown(Shutdown::Both)?;
                    return client.shutdown(Shutdown::Both);
                }
                // The test keeps the server's end open.
                Next::CutUnseen => return client.shutdown(Shutdown::Both),
                Next::CutAfter => *mute.lock().unwrap_or_else(PoisonError::into_inner) = true,
            }
        }
        server.write_all(part)?;
    }
}

/// From the server to the engine.
fn back(mut server: UnixStream, mut client: UnixStream, mute: &Mutex<bool>) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = server.read(&mut buffer)?;
        let part = buffer.get(..length).unwrap_or_default();
        if part.is_empty() || *mute.lock().unwrap_or_else(PoisonError::into_inner) {
            server.shutdown(Shutdown::Both)?;
            return client.shutdown(Shutdown::Both);
        }
        client.write_all(part)?;
    }
}
