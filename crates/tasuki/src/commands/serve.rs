//! `tasuki serve`: a data folder, served.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use access::{Gate, session::Rules};
use anyhow::{Context, bail};
use backup::Repository;
use clap::Args;
use kernel::time::{Clock, Timestamp};
use signing::{
    path::{CrlStore, Purpose, TrustStore},
    testpki::TestPki,
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use web::{tls::Tls, trust::Trust};

use crate::{
    control::Control,
    doctor::{self, Finding, Level},
    door::Door,
    figures, font,
    jobs::Jobs,
    keeper::{self, Keeper, Pace},
    leave::{self, AtWork, Signals},
    program::{self, SystemClock},
    storage::Storage,
    telemetry, time_sync, upstream,
};

/// What is served, where, and whose cards are believed.
#[derive(Args)]
pub struct Options {
    /// Where data and keys are.
    #[command(flatten)]
    pub storage: Storage,
    /// Keep backups in this repository (made by `backup init`): a generation a day, and the
    /// journal after it.
    #[arg(long)]
    pub backup: Option<PathBuf>,
    /// Hours between two generations.
    #[arg(long, default_value_t = 24)]
    pub backup_hours: u64,
    /// Seconds of the journal in one file of the repository: what a restore may lose.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub backup_seconds: u64,
    /// MiB kept free for the audit log when the disk is full.
    #[arg(long, default_value_t = 64)]
    pub reserve_mib: u64,
    /// Where to listen; without TLS, loopback only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How the outside comes in.
    #[command(flatten)]
    pub door: Door,
    /// Folder of trust anchors (*.cer) and revocation lists (*.crl), DER.
    #[arg(long)]
    pub trust: Option<PathBuf>,
    /// For real patients: refuses to start with what no real installation may have.
    #[arg(long)]
    pub production: bool,
    /// Who answers for the clock, where no program can tell whether it is kept.
    #[arg(long, value_name = "NAME")]
    pub clock_vouched_by: Option<String>,
    /// Believe the public test certificate authority: never with real people.
    #[arg(long)]
    pub test_pki: bool,
    /// Idle minutes after which the session of a member of staff is locked.
    #[arg(long, default_value_t = access::session::STAFF_IDLE_MINUTES, value_parser = clap::value_parser!(i64).range(5..=30))]
    pub staff_idle_minutes: i64,
    /// Let an account stay logged in at several terminals at once: by default a log-in at a
    /// second one closes the first.
    #[arg(long)]
    pub several_terminals: bool,
    /// Seconds for which requests are still taken after the program was told to end, so that
    /// load balancers notice.
    #[arg(long, default_value_t = 5)]
    pub drain_seconds: u64,
    /// The font of printed documents: a TrueType or OpenType font, or a collection, with Japanese
    /// signs. By default the first of those that Debian's packages install.
    #[arg(long, value_name = "FILE")]
    pub font: Option<PathBuf>,
    /// Make this a clinic's own node: a file (TOML) that names its platform. See
    /// docs/operations/offline.md.
    #[arg(long, value_name = "FILE")]
    pub upstream: Option<PathBuf>,
    /// What is told to whoever watches.
    #[command(flatten)]
    pub watch: telemetry::Watch,
}

impl Options {
    /// How often a generation and a file of the journal are kept.
    fn pace(&self) -> Pace {
        Pace {
            generation: Duration::from_secs(self.backup_hours.max(1) * 3_600),
            segment: Duration::from_secs(self.backup_seconds),
        }
    }

    /// What this machine and these options say of fitness for real patients.
    ///
    /// # Errors
    /// When the trust folder or the certificate cannot be read.
    pub fn findings(&self, now: Timestamp) -> anyhow::Result<Vec<Finding>> {
        let (anchors, _) = self.source()?.read()?;
        let count = anchors.anchors().count();
        let unlocking = &self.storage.unlocking;
        let is_plain = unlocking.passphrase_file.is_none() && unlocking.pkcs11_module.is_none();
        let mut findings = vec![
            doctor::age(now),
            doctor::clock(self.clock_vouched_by.as_deref()),
            doctor::trust(self.test_pki || anchors.holds_test_anchor(), count),
            doctor::root_key(is_plain),
            doctor::disk(&self.storage.data),
            doctor::backup(self.backup.is_some()),
        ];
        let places = [
            Some(self.listen),
            self.door.office_listen,
            self.watch.metrics,
        ];
        let places: Vec<String> = places.iter().flatten().map(ToString::to_string).collect();
        let ends_on = self.door.certificate_ends_on()?;
        findings.extend(doctor::door(ends_on, &places, now.jst_date()));
        Ok(findings)
    }

    /// Lets the diagnosis know of clock and certificate.
    fn tell_diagnosis(&self, app: &web::App) {
        let is_vouched = self.clock_vouched_by.is_some();
        app.health.remark(time_sync::check(is_vouched));
        note_door(&self.door, app);
    }

    /// Gives a platform's validator the packages of the data folder. A broken one stops nothing:
    /// validation then goes on by our own rules, and the log says so.
    fn tell_packages(&self, app: &web::App) {
        if self.upstream.is_some() {
            return;
        }
        match profiles::Library::load(&self.storage.data) {
            Ok(library) => {
                app.tell(Arc::new(library));
            }
            Err(error) => tracing::error!(%error, "the FHIR packages cannot be used"),
        }
    }

    /// Stops a start that no real installation may make.
    fn refuse_unfit(&self, gate: &Gate) -> anyhow::Result<()> {
        let mut findings = self.findings(gate.now())?;
        findings.extend(doctor::of_store(gate)?);
        let grave: Vec<String> = findings
            .iter()
            .filter(|finding| finding.level == Level::Stop)
            .map(|finding| format!("{} / {}", finding.ja, finding.en))
            .collect();
        anyhow::ensure!(
            grave.is_empty(),
            "本番では起動できません / not fit for production: {}",
            grave.join(" ・ ")
        );
        Ok(())
    }

    /// The platform, when this is a clinic's own node.
    fn platform(&self) -> anyhow::Result<Option<counter::Upstream>> {
        self.upstream.as_deref().map(upstream::read).transpose()
    }

    fn source(&self) -> anyhow::Result<Source> {
        Ok(match (&self.trust, self.test_pki) {
            (Some(_), true) => bail!("--trust and --test-pki exclude each other"),
            (Some(folder), false) => Source::Folder(folder.clone()),
            (None, true) => Source::Test(Box::new(TestPki::new()?)),
            (None, false) => Source::Nobody,
        })
    }
}

/// Serves until the process is told to stop.
///
/// # Errors
/// When the folder, the address or the trust folder cannot be used.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let is_sandbox = options.test_pki || options.door.sandbox;
    options.door.check(options.listen, is_sandbox)?;
    let banner =
        is_sandbox.then_some("試験用の環境です。本物の患者さんの情報を入れないでください。");
    let source = options.source()?;
    let (anchors, crls) = source.read()?;
    let trust = Trust::new(anchors, crls);
    if !options.test_pki && trust.holds_test_anchor() {
        bail!("the trust folder holds a public test key; remove it, or say --test-pki");
    }
    let rules = Rules::parse(options.staff_idle_minutes, !options.several_terminals)
        .context("--staff-idle-minutes is 5 to 30")?;
    // What cannot be used is told before anything is made.
    let _usable = options.door.ways(None)?;
    let upstream = options.platform()?;
    let mut signals = Signals::listen()?;
    let (journal, entries) = crossbeam_channel::bounded(keeper::ENTRIES_MAX);
    let journal = options.backup.is_some().then_some(journal);
    let reserve = options.reserve_mib << 20;
    let folder = options.storage.data.clone();
    let gate = options
        .storage
        .open_to_serve(Arc::new(SystemClock), reserve, journal)?
        .with_rules(rules);
    if options.production {
        options.refuse_unfit(&gate)?;
    }
    let mut ways = options.door.ways(own_root(&gate).await?.as_deref())?;
    ways.upstream = upstream;
    ways.font = options.font.as_deref().map(font::read).transpose()?;
    let tls = ways.tls.clone();
    let mut running = program::listen_by(gate, trust, options.listen, banner, ways).await?;
    running.app.rates.allow(options.door.rates_times);
    options.tell_packages(&running.app);
    options.tell_diagnosis(&running.app);
    let metrics = figures::listen(options.watch.metrics, &running.app, &folder).await?;
    let jobs = Jobs::start(&running.app)?;
    let pace = options.pace();
    let keeper = options
        .backup
        .map(|folder| Keeper::start(&running.app, &Repository::open(&folder)?, pace, entries))
        .transpose()?;
    let asking = keeper.as_ref().map(Keeper::asking);
    let control = Control::start(&folder, &running.app, asking).with_context(|| {
        format!(
            "the operator's socket in {} could not be made; a folder with a shorter name may help",
            folder.display()
        )
    })?;
    let hang_up = signal(SignalKind::hangup())?;
    let certificates = tls.map(|tls| (options.door, tls));
    let app = Arc::clone(&running.app);
    let renewing = tokio::spawn(renew(app, source, certificates, hang_up));
    let page = metrics.as_ref().map(|metrics| &metrics.page);
    for place in [Some(&running.base), page, running.office.as_ref()] {
        place.into_iter().for_each(|place| println!("{place}"));
    }
    tokio::select! {
        () = signals.next() => {}
        ended = &mut running.server => ended??,
    }
    let drain = Duration::from_secs(options.drain_seconds);
    let control = Some(control);
    let at_work = AtWork {
        jobs,
        control,
        keeper,
    };
    leave::in_order(running, at_work, metrics, vec![renewing], drain, signals).await
}

/// The root of the installation's own authority, once there is one.
async fn own_root(gate: &Gate) -> anyhow::Result<Option<Vec<u8>>> {
    let root = gate.look_up(|call| Ok(equipment::ca::root_der(call)?));
    root.answer()
        .await
        .map_err(|stop| anyhow::anyhow!("{stop:?}"))
}

/// Where anchors and revocation lists come from.
enum Source {
    Folder(PathBuf),
    Test(Box<TestPki>),
    Nobody,
}

impl Source {
    fn read(&self) -> anyhow::Result<(TrustStore, CrlStore)> {
        match self {
            Self::Folder(folder) => read_folder(folder),
            Self::Test(pki) => {
                let crls = program::test_crls(pki, SystemClock.now())?;
                Ok((pki.trust_store()?, crls))
            }
            Self::Nobody => Ok((TrustStore::new(), CrlStore::new())),
        }
    }
}

/// Revocation lists are good for a day at most, certificates are renewed by others: both are
/// read again every hour and when the operator says so (SIGHUP). What cannot be read leaves
/// the old in force.
async fn renew(
    app: Arc<web::App>,
    source: Source,
    certificates: Option<(Door, Arc<Tls>)>,
    mut hang_up: Signal,
) {
    const EVERY: Duration = Duration::from_secs(3_600);
    loop {
        let asked = tokio::time::timeout(EVERY, hang_up.recv()).await;
        if matches!(asked, Ok(None)) {
            return;
        }
        match source.read() {
            Ok((_, crls)) => app.trust.renew(crls),
            Err(error) => tracing::error!(%error, "the revocation lists could not be renewed"),
        }
        if let Some((door, tls)) = &certificates {
            let renewed = match own_root(&app.gate).await {
                Ok(root) => door.renew(tls, root.as_deref()),
                Err(error) => Err(error),
            };
            match renewed {
                Ok(()) => {
                    note_door(door, &app);
                    tracing::info!("the certificates were read again");
                }
                Err(error) => tracing::error!(%error, "the certificates could not be renewed"),
            }
        }
    }
}

/// Lets the diagnosis know until when this server's certificate holds.
fn note_door(door: &Door, app: &web::App) {
    match door.certificate_ends_on() {
        Ok(Some(on)) => app.health.door_ends(on.start()),
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "the end of the certificate cannot be read"),
    }
}

fn read_folder(folder: &std::path::Path) -> anyhow::Result<(TrustStore, CrlStore)> {
    let mut anchors = TrustStore::new();
    let mut lists = Vec::new();
    for file in std::fs::read_dir(folder).context("the trust folder cannot be read")? {
        let path = file?.path();
        let bytes = || std::fs::read(&path).with_context(|| path.display().to_string());
        match path.extension().and_then(|e| e.to_str()) {
            Some("cer") => {
                anchors
                    .add(&bytes()?, &[Purpose::CardAuthentication])
                    .with_context(|| format!("{} is no usable anchor", path.display()))?;
            }
            Some("crl") => lists.push((path.clone(), bytes()?)),
            _ => {}
        }
    }
    let mut crls = CrlStore::new();
    for (path, bytes) in lists {
        crls.insert(&bytes, &anchors, &[])
            .with_context(|| format!("{} is no usable revocation list", path.display()))?;
    }
    Ok((anchors, crls))
}
