//! Nothing acknowledged is ever lost: the real program is killed under load, again and again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use peers::{
    browser::Browser,
    record_system::{Insured, RecordSystem},
};
use serde_json::Value;

const ROUNDS: u64 = 6;
const CALLERS: usize = 8;

struct Server {
    child: Child,
    ready: Value,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL: the process gets no chance to tidy up.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Server {
    fn start(data: &Path) -> Self {
        let ready_file = data.with_extension("ready.json");
        let _absent = fs::remove_file(&ready_file);
        let child = Command::new(env!("CARGO_BIN_EXE_tasuki"))
            .args(["bench-serve", "--people", "60", "--data"])
            .arg(data)
            .arg("--ready-file")
            .arg(&ready_file)
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut server = Self {
            child,
            ready: Value::Null,
        };
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(120) {
            if let Ok(bytes) = fs::read(&ready_file) {
                server.ready = serde_json::from_slice(&bytes).expect("JSON");
                return server;
            }
            let ended = server.child.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "the program ended: {ended:?}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        panic!("the program did not get ready");
    }

    fn word(&self, name: &str) -> &str {
        self.ready[name].as_str().expect(name)
    }
}

fn numbers(server: &Server) -> Vec<Vec<String>> {
    let text = fs::read_to_string(server.word("numbers_file")).expect("numbers");
    let parts = |line: &str| line.split(',').map(str::to_owned).collect();
    text.lines().map(parts).collect()
}

/// Checks eligibility without pause until the server is gone; the acknowledged visits.
async fn check_until_killed(
    base: String,
    token: String,
    numbers: Vec<Vec<String>>,
    done: Arc<AtomicUsize>,
) -> Vec<String> {
    let system = RecordSystem::new(&base, &token).expect("an address");
    let mut acknowledged = Vec::new();
    for line in numbers.iter().cycle() {
        let insured = Insured {
            insurer_number: &line[0],
            symbol: &line[1],
            number: &line[2],
            branch: &line[3],
            ..Insured::default()
        };
        match system.check_by_number(&insured).await {
            Ok(reply) if reply.status == 200 => {
                acknowledged.push(reply.word("/visit").expect("a visit"));
                done.fetch_add(1, Ordering::SeqCst);
            }
            Ok(reply) => panic!("answered {} {:?}", reply.status, reply.code()),
            Err(_) => break,
        }
    }
    acknowledged
}

#[test]
fn every_acknowledged_check_is_there_after_the_program_was_killed() {
    let data: PathBuf =
        std::env::temp_dir().join(format!("tasuki-durability-{}", std::process::id()));
    let _absent = fs::remove_dir_all(&data);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let mut server = Server::start(&data);
        let numbers = numbers(&server);
        let done = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                runtime.spawn(check_until_killed(
                    server.word("base").to_owned(),
                    server.word("token").to_owned(),
                    numbers.clone(),
                    Arc::clone(&done),
                ))
            })
            .collect();
        // A different moment each round, in the middle of the work.
        let begin = Instant::now();
        while done.load(Ordering::SeqCst) < CALLERS && begin.elapsed() < Duration::from_secs(60) {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        std::thread::park_timeout(Duration::from_millis(37 * round));
        server.child.kill().expect("killed");
        let before = acknowledged.len();
        for caller in callers {
            acknowledged.extend(runtime.block_on(caller).expect("a caller"));
        }
        assert!(acknowledged.len() > before, "round {round} did no work");
    }
    let server = Server::start(&data);
    runtime.block_on(async {
        let mut doctor = Browser::new(server.word("base")).expect("an address");
        let (name, value) = server
            .word("staff_cookie")
            .split_once('=')
            .expect("a cookie");
        doctor.set_cookie(name, value);
        for visit in &acknowledged {
            let path = format!("/api/v1/visits/{visit}/summary");
            let reply = doctor.json(&path).await.expect("an answer");
            // Consent or not, the visit itself is there.
            assert_ne!(
                reply.code().as_deref(),
                Some("TSK-ELG-030"),
                "{visit} was lost"
            );
        }
    });
    let report = store::verify::verify(&data, &mut |_| {})
        .expect("readable")
        .expect("whole");
    assert!(report.records > u64::try_from(acknowledged.len()).expect("small"));
    drop(server);
    fs::remove_dir_all(&data).expect("removed");
    let _absent = fs::remove_file(data.with_extension("ready.json"));
}
