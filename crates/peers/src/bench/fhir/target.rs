//! The server that is measured: our own as a child process, or somebody else's at an address.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    rc::Rc,
};

use anyhow::{Context, bail};
use kernel::Secret;

use super::{IDS_FILE, Ids, Options, made::Member};
use crate::{
    bench::{
        loads, machine,
        row::Floor,
        server::{Program, Server, Stats},
    },
    load::PreparedRequest,
    oauth::Credentials,
};

/// Where our own server has its FHIR interface.
const OWN_BASE: &str = "/fhir";
/// The medium of every body.
const FHIR_JSON: &str = "application/fhir+json";

/// What is measured.
pub(super) enum Target {
    /// Our own program on a seeded folder.
    Own(Program),
    /// A server that runs already.
    Other(Other),
}

/// A server that runs already.
pub(super) struct Other {
    base: Base,
    headers: Vec<(String, Secret<String>)>,
    client: Option<Credentials>,
    data: Option<PathBuf>,
    process: Option<u32>,
}

/// A base address in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// `http://host:port`.
    pub origin: String,
    /// `host:port`.
    pub host: String,
    /// `/fhir`, or empty.
    pub path: String,
}

impl Base {
    /// # Errors
    /// When it is no plain `http://` address.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let rest = text
            .strip_prefix("http://")
            .with_context(|| format!("{text} does not begin with http://"))?;
        let rest = rest.trim_end_matches('/');
        let (host, path) = match rest.split_once('/') {
            Some((host, path)) => (host, format!("/{path}")),
            None => (rest, String::new()),
        };
        if host.is_empty() || host.contains(['@', ' ']) || path.contains(['?', '#', ' ']) {
            bail!("{text} is not a base address");
        }
        let host = if host.contains(':') {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        Ok(Self {
            origin: format!("http://{host}"),
            host,
            path,
        })
    }

    fn address(&self) -> anyhow::Result<SocketAddr> {
        let found = self.host.to_socket_addrs()?.next();
        found.with_context(|| format!("{} has no address", self.host))
    }
}

impl Target {
    /// The target that the options name; `folder` is our own server's.
    pub(super) fn new(options: &Options, folder: Option<PathBuf>) -> anyhow::Result<Self> {
        if let (Some(base), None) = (&options.base, &folder) {
            return Ok(Self::Other(Other {
                base: Base::parse(base)?,
                headers: options.headers.clone(),
                client: options.client.clone(),
                data: options.data_folder.clone(),
                process: options.process,
            }));
        }
        let program = Program {
            path: options.program.clone(),
            data: folder.context("our own server needs a folder")?,
            // Some have no insured number that stands alone.
            people: options.patients.saturating_mul(2),
            database_url: options.database_url.clone(),
        };
        program.seed()?;
        Ok(Self::Own(program))
    }

    /// Who the patients are: people of the register of our own server, strangers elsewhere.
    pub(super) fn members(&self, count: u64) -> anyhow::Result<Vec<Member>> {
        let Self::Own(program) = self else {
            return Ok((0..count).map(Member::stranger).collect());
        };
        let lines = loads::lines(&program.data.join("bench-numbers.csv"))?;
        let members: Vec<Member> = lines
            .iter()
            .take(usize::try_from(count)?)
            .map(|line| Member::parse(line).context("a line of insured numbers is malformed"))
            .collect::<anyhow::Result<_>>()?;
        if u64::try_from(members.len())? < count {
            bail!("only {} people are registered", members.len());
        }
        Ok(members)
    }

    /// Leaves with our own server's data what the floor below it needs.
    pub(super) fn leave(&self, ids: &Ids) -> anyhow::Result<()> {
        match self {
            Self::Own(program) => {
                let file = program.data.join(IDS_FILE);
                Ok(std::fs::write(file, serde_json::to_vec(ids)?)?)
            }
            Self::Other(_) => Ok(()),
        }
    }

    /// Bytes of the data at rest; `None` where nobody said which folder has them.
    pub(super) fn bytes(&self) -> anyhow::Result<Option<u64>> {
        let folder = match self {
            Self::Own(program) if program.database_url.is_some() => None,
            Self::Own(program) => Some(&program.data),
            Self::Other(other) => other.data.as_ref(),
        };
        folder.map(|f| machine::folder_bytes(f)).transpose()
    }

    /// The floor below a load of our own server; no server runs meanwhile.
    pub(super) fn floor(&self, kind: &str, batch: u64) -> anyhow::Result<Option<Floor>> {
        match self {
            Self::Own(program) => program.floor(kind, batch).map(Some),
            Self::Other(_) => Ok(None),
        }
    }

    /// A server that answers, and a fresh token for it.
    pub(super) fn open(&self) -> anyhow::Result<Session> {
        match self {
            Self::Own(program) => {
                let server = Server::start(program)?;
                let ready = server.ready();
                let mut base = Base::parse(&ready.base)?;
                OWN_BASE.clone_into(&mut base.path);
                let headers = vec![bearer(&ready.token()?)];
                let process = Some(server.pid());
                Session::new(base, headers, process, Some(server))
            }
            Self::Other(other) => {
                let mut headers = other.headers.clone();
                if let Some(client) = &other.client {
                    headers.push(bearer(client.token_now(&other.base.origin)?.reveal()));
                }
                Session::new(other.base.clone(), headers, other.process, None)
            }
        }
    }
}

fn bearer(token: &str) -> (String, Secret<String>) {
    let value = Secret::new(format!("Bearer {token}"));
    ("authorization".to_owned(), value)
}

/// A server for one phase; our own ends with its last copy.
#[derive(Clone)]
pub(super) struct Session {
    base: Rc<Base>,
    address: SocketAddr,
    headers: Rc<Vec<(String, Secret<String>)>>,
    process: Option<u32>,
    server: Rc<std::cell::RefCell<Option<Server>>>,
}

impl Session {
    fn new(
        base: Base,
        headers: Vec<(String, Secret<String>)>,
        process: Option<u32>,
        server: Option<Server>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            address: base.address()?,
            base: Rc::new(base),
            headers: Rc::new(headers),
            process,
            server: Rc::new(std::cell::RefCell::new(server)),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) const fn process(&self) -> Option<u32> {
        self.process
    }

    /// Stops our own server; what its writer did meanwhile.
    pub(super) fn close(&self) -> anyhow::Result<Option<Stats>> {
        self.server.take().map(Server::stop).transpose()
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> PreparedRequest {
        let own = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.reveal().as_str()));
        let headers: Vec<(&str, &str)> = own
            .chain([("accept", FHIR_JSON)])
            .chain(more.iter().copied())
            .collect();
        let path = format!("{}{path}", self.base.path);
        PreparedRequest::new(method, &path, &self.base.host, &headers, body.as_bytes())
    }

    /// A GET of a path below the base.
    pub(super) fn get(&self, path: &str) -> PreparedRequest {
        self.request("GET", path, &[], "")
    }

    /// A creation; `back` is what should come back, as `Prefer` names it.
    pub(super) fn create(&self, kind: &str, body: &str, back: &str) -> PreparedRequest {
        let prefer = format!("return={back}");
        let more = [("content-type", FHIR_JSON), ("prefer", prefer.as_str())];
        self.request("POST", &format!("/{kind}"), &more, body)
    }

    /// A transaction.
    pub(super) fn transaction(&self, body: &str) -> PreparedRequest {
        let more = [("content-type", FHIR_JSON), ("prefer", "return=minimal")];
        // An empty path behind the base is the base itself; some servers want the slash.
        let path = if self.base.path.is_empty() { "/" } else { "" };
        self.request("POST", path, &more, body)
    }
}
