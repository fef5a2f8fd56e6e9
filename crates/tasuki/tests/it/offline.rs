//! A clinic's node and its platform, two real programs, with a line between them that is cut:
//! the counter goes on from its copy, and what it did is settled afterwards, once.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering},
    },
    thread,
};

use access::session::{self, Stage, Whose};
use eligibility::model::Method;
use kernel::time::{Clock as _, JstDate};
use peers::browser::Browser;
use registry::model::{ChangeKind, CopayRate, FacilityKind};
use store::caller::{Event, Role};
use tasuki::{
    program::SystemClock,
    storage::{Server, Storage},
};
use testkit::{
    population::{Life, demo},
    seed,
};
use tokio::runtime::Runtime;

use super::operator::{Folder, Program, tasuki, until};

const CODE: &str = "1310000001";
const NAME: &str = "みどり診療所";
const SETTLEMENTS: &[u8] = b"POST /api/v1/eligibility/settlements";

static SET_UP: Event = Event {
    code: "test.set-up",
    ja: "試験の準備",
    en: "test set-up",
};

/// The line: whoever connects to its port is led to the platform's, unless it is cut.
struct Line {
    port: u16,
    platform: Arc<AtomicU16>,
    is_cut: Arc<AtomicBool>,
    /// Keeps back the answer to settlements.
    holds: Arc<AtomicBool>,
    /// Answers that were kept back.
    held: Arc<AtomicUsize>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let line = Self {
            port: listener.local_addr().expect("an address").port(),
            platform: Arc::default(),
            is_cut: Arc::new(AtomicBool::new(true)),
            holds: Arc::default(),
            held: Arc::default(),
            open: Arc::default(),
        };
        let (platform, is_cut) = (Arc::clone(&line.platform), Arc::clone(&line.is_cut));
        let (holds, held) = (Arc::clone(&line.holds), Arc::clone(&line.held));
        let open = Arc::clone(&line.open);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let port = platform.load(Ordering::SeqCst);
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                let mut all = open.lock().expect("connections");
                all.extend([
                    near.try_clone().expect("a clone"),
                    far.try_clone().expect("a clone"),
                ]);
                let (holds, held) = (Arc::clone(&holds), Arc::clone(&held));
                let keeps = Arc::new(AtomicBool::new(false));
                relay(
                    near.try_clone().expect("a clone"),
                    far.try_clone().expect("a clone"),
                    {
                        let keeps = Arc::clone(&keeps);
                        move |bytes| {
                            let settles =
                                bytes.windows(SETTLEMENTS.len()).any(|w| w == SETTLEMENTS);
                            if settles && holds.load(Ordering::SeqCst) {
                                keeps.store(true, Ordering::SeqCst);
                            }
                            true
                        }
                    },
                );
                relay(far, near, move |_| {
                    let passes = !keeps.load(Ordering::SeqCst);
                    if !passes {
                        held.fetch_add(1, Ordering::SeqCst);
                    }
                    passes
                });
            }
        });
        line
    }

    /// Leads to a platform that has just started.
    fn leads_to(&self, program: &Program) {
        let (_, port) = program.address.rsplit_once(':').expect("a port");
        self.platform
            .store(port.parse().expect("a port"), Ordering::SeqCst);
        self.is_cut.store(false, Ordering::SeqCst);
    }

    /// Cuts it, and what goes over it now.
    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().expect("connections").drain(..) {
            let _gone = stream.shutdown(Shutdown::Both);
        }
    }
}

fn relay(mut from: TcpStream, mut to: TcpStream, passes: impl Fn(&[u8]) -> bool + Send + 'static) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count) = from.read(&mut buffer) {
            if count == 0 || (passes(&buffer[..count]) && to.write_all(&buffer[..count]).is_err()) {
                break;
            }
        }
        let _gone = to.shutdown(Shutdown::Write);
    });
}

/// Two data folders, the clinic's file, and what is between them.
struct Place {
    folder: Folder,
    line: Line,
    life: Life,
    cookie: String,
    runtime: Runtime,
}

impl Place {
    fn new(name: &str) -> Self {
        let place = Self {
            folder: Folder::new(name),
            line: Line::new(),
            life: demo::family(today()).swap_remove(0),
            cookie: String::new(),
            runtime: super::harness::runtime(),
        };
        let life = place.life.clone();
        place.at("platform", move |call| {
            seed::home(call, CODE, NAME, FacilityKind::Clinic)?;
            seed::person(call, &life)?;
            Ok(())
        });
        let cookie = place.at("clinic", |call| {
            let home = seed::home(call, CODE, NAME, FacilityKind::Clinic)?;
            let clerk = seed::account(call, &home, "uketsuke", "受付 花子", Role::Clerk, "none")?;
            let token = session::begin(call, Whose::Staff(home.id, clerk), Stage::Full)?;
            Ok(token.reveal().clone())
        });
        let mut place = Self { cookie, ..place };
        place.register();
        place
    }

    /// Does something in a folder that nobody serves.
    fn at<T: Send + 'static>(
        &self,
        name: &str,
        mut op: impl FnMut(&mut store::Call<'_>) -> Result<T, store::Stop> + Send + 'static,
    ) -> T {
        let storage = Storage::new(self.folder.0.join(name), Server::default());
        let gate = storage.open().expect("the folder opens");
        let intent = gate.job_intent("test", &SET_UP);
        gate.write(intent, move |call| op(call))
            .wait()
            .expect("done")
    }

    /// As docs/operations/offline.md says it.
    fn register(&mut self) {
        let (keys, data) = (self.folder.at("keys"), self.folder.at("platform"));
        tasuki(&["client", "key", "--copy", "--out", &keys]).well();
        let public = format!("{keys}/public.jwk");
        let told = tasuki(&[
            "client",
            "add",
            "--data",
            &data,
            "--facility",
            CODE,
            "--name",
            "受付の機器",
            "--scopes",
            "tasuki/eligibility",
            "--public-key",
            &public,
        ])
        .well();
        let after = |text: &str, mark: &str| {
            let rest = text.split(mark).nth(1).expect(mark);
            rest.split_whitespace().next().expect(mark).to_owned()
        };
        let client = after(&told, "client_id: ");
        let recipient = format!("{keys}/copy.pub");
        let told = tasuki(&[
            "client",
            "copy",
            "--data",
            &data,
            "--facility",
            CODE,
            "--client",
            &client,
            "--recipient",
            &recipient,
        ])
        .well();
        let platform = after(&told, "platform_key: ");
        let file = format!(
            "url = \"http://127.0.0.1:{}\"\nfacility = \"{CODE}\"\nclient = \"{client}\"\n\
             key = \"keys/key.pem\"\ncopy_key = \"keys/copy.key\"\nplatform_key = \"{platform}\"\n\
             every_minutes = 1\n",
            self.line.port
        );
        fs::write(self.folder.at("upstream.toml"), file).expect("written");
    }

    fn platform(&self) -> Program {
        let origin = format!("http://127.0.0.1:{}", self.line.port);
        let program = Program::serve(
            &self.folder.at("platform"),
            &["--origin", &origin, "--rates-times", "1000"],
        );
        self.line.leads_to(&program);
        program
    }

    fn clinic(&self) -> Program {
        let file = self.folder.at("upstream.toml");
        Program::serve(
            &self.folder.at("clinic"),
            &["--upstream", &file, "--rates-times", "1000"],
        )
    }

    fn page(&self, clinic: &Program, path: &str) -> String {
        self.runtime.block_on(async {
            let mut browser = self.browser(clinic);
            let reply = browser.get(path).await.expect("a page");
            String::from_utf8(reply.body).expect("UTF-8")
        })
    }

    fn browser(&self, clinic: &Program) -> Browser {
        let mut browser = Browser::new(&format!("http://{}", clinic.address)).expect("a browser");
        browser.set_cookie("tasuki_session", &self.cookie);
        browser
    }

    /// A check by number at the clinic's counter.
    fn check(&self, clinic: &Program) -> String {
        let coverage = self.life.coverage_last().expect("a coverage");
        let branch = coverage.branch.as_ref().map_or("", |b| b.as_str());
        self.runtime.block_on(async {
            let mut browser = self.browser(clinic);
            let page = browser.get("/counter").await.expect("a page");
            let fields = [
                ("insurer_number", coverage.insurer.number.as_str()),
                ("symbol", coverage.symbol.as_str()),
                ("number", coverage.number.as_str()),
                ("branch", branch),
            ];
            let reply = browser.submit(&page, "/counter/checks", &fields).await;
            String::from_utf8(reply.expect("an answer").body).expect("UTF-8")
        })
    }

    /// The insurer changes the copay rate.
    fn change(&self, tenths: u8) {
        let life = self.life.clone();
        self.at("platform", move |call| {
            let person = seed::find(call, &life)?.expect("enrolled");
            call.lock(person)?;
            let mut coverage = registry::ops::coverages(call, person)?.pop().expect("one");
            coverage.copay = CopayRate::tenths(tenths).expect("0 to 3");
            registry::ops::record_change(call, person, ChangeKind::Changed, &coverage)?;
            Ok(())
        });
    }

    /// Visits at the platform that were told afterwards.
    fn offline_visits(&self) -> usize {
        self.at("platform", |call| {
            let code = kernel::code::FacilityCode::from_register(CODE).expect("a code");
            let home = registry::ops::facility_by_code(call, &code)?.expect("founded");
            let visits = eligibility::ops::today(call, home.id)?;
            Ok(visits
                .iter()
                .filter(|v| v.method == Method::Offline)
                .count())
        })
    }
}

fn today() -> JstDate {
    SystemClock.now().jst_date()
}

#[test]
fn a_clinic_goes_on_while_its_platform_is_down_and_is_told_what_was_different() {
    let place = Place::new("offline");
    let platform = place.platform();
    let mut clinic = place.clinic();
    until("the first copy has come", || {
        place
            .page(&clinic, "/counter")
            .contains("0人(過去400日に来院した方)")
    });
    let text = place.check(&clinic);
    assert!(
        text.contains("有効な資格です") && !text.contains("仮の回答"),
        "{text}"
    );
    // A copy is made at the start: now with the one who came.
    clinic.child.kill().expect("killed");
    drop(clinic);
    let clinic = place.clinic();
    until("the second copy has come", || {
        place
            .page(&clinic, "/counter")
            .contains("1人(過去400日に来院した方)")
    });

    drop(platform);
    let text = place.check(&clinic);
    assert!(text.contains("控えによる仮の回答"), "{text}");
    assert!(text.contains("3割") && text.contains("佐和子"), "{text}");
    let page = place.page(&clinic, "/counter");
    assert!(
        page.contains("回線が切れています") && page.contains("1件"),
        "{page}"
    );
    assert!(
        place
            .page(&clinic, "/counter/differences")
            .contains("照合待ち")
    );

    place.change(2);
    let platform = place.platform();
    until("the act is settled", || {
        !place
            .page(&clinic, "/counter/differences")
            .contains("照合待ち")
    });
    let list = place.page(&clinic, "/counter/differences");
    let advice = "負担割合が3割から2割に変わっています。患者さんへの請求を直してください。";
    assert!(list.contains(advice), "{list}");
    until("the page says that the line is back", || {
        place
            .page(&clinic, "/counter")
            .contains("プラットフォームにつながっています")
    });
    // Nothing of a patient in the clear in the clinic's folder.
    drop(clinic);
    let name = place.life.name.full();
    let mut read = 0;
    for entry in fs::read_dir(place.folder.0.join("clinic")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = fs::read(&path).expect("a file");
            let found = bytes.windows(name.len()).any(|w| w == name.as_bytes());
            assert!(!found, "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 2, "{read} files");
    drop(platform);
    assert_eq!(place.offline_visits(), 1);
}

#[test]
fn a_clinic_that_is_killed_before_it_kept_the_answer_doubles_nothing() {
    let place = Place::new("offline-kill");
    let platform = place.platform();
    let clinic = place.clinic();
    until("the first copy has come", || {
        place
            .page(&clinic, "/counter")
            .contains("0人(過去400日に来院した方)")
    });
    assert!(place.check(&clinic).contains("有効な資格です"));
    drop(clinic);
    let clinic = place.clinic();
    until("the second copy has come", || {
        place
            .page(&clinic, "/counter")
            .contains("1人(過去400日に来院した方)")
    });
    place.line.cut();
    assert!(place.check(&clinic).contains("控えによる仮の回答"));
    // The platform settles it, and the clinic dies before it hears of that.
    place.line.holds.store(true, Ordering::SeqCst);
    place.line.leads_to(&platform);
    until("the platform has answered", || {
        place.line.held.load(Ordering::SeqCst) > 0
    });
    drop(clinic);
    place.line.cut();
    place.line.holds.store(false, Ordering::SeqCst);
    place.line.leads_to(&platform);
    let clinic = place.clinic();
    until("the act is settled", || {
        let list = place.page(&clinic, "/counter/differences");
        list.contains("一致") && !list.contains("照合待ち")
    });
    drop((clinic, platform));
    assert_eq!(place.offline_visits(), 1);
}

#[test]
fn a_file_that_cannot_be_used_stops_the_start_and_says_why() {
    let place = Place::new("offline-file");
    let (clinic, file) = (place.folder.at("clinic"), place.folder.at("upstream.toml"));
    let good = fs::read_to_string(&file).expect("a file");
    for (what, with, word) in [
        ("http://127.0.0.1", "http://192.0.2.1", "https://"),
        ("http://127.0.0.1", "https://127.0.0.1", "ca"),
        ("keys/key.pem", "keys/none.pem", "none.pem"),
        ("keys/copy.key", "keys/copy.pub", "copy_key"),
        ("every_minutes = 1", "every_minutes = 0", "every_minutes"),
        (CODE, "131000000", "facility"),
        ("every_minutes", "jede_minute", "upstream.toml"),
    ] {
        fs::write(&file, good.replace(what, with)).expect("written");
        let why = Program::try_serve(&clinic, &["--upstream", &file]).err();
        let why = why.unwrap_or_else(|| panic!("{with} was taken"));
        assert!(why.contains(word), "{with}: {why}");
    }
}
