//! Notifications to a real receiver on this machine: one that fails, is slow, dies and comes
//! back; and to none that the operator has not allowed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use fhir_server::subscriptions::{ops, work};
use serde_json::{Value, json};
use store::caller::Home;
use tasuki::courier::Postman;
use testkit::{
    World,
    population::{clins, demo},
    seed,
    world::{As, ORIGIN},
};

/// A receiver that patience is short with, so that the test is quick.
const PATIENCE: Duration = Duration::from_millis(300);

/// How a receiver answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    Fails,
    /// Takes what it gets, and says so too late.
    Slow,
    /// Sends whoever comes elsewhere.
    LeadsAway,
}

/// A facility's own system, which hears of events.
struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
    mood: Arc<Mutex<Mood>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// At `address`, or anywhere.
    fn start(address: Option<SocketAddr>) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(address.unwrap_or(anywhere)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mood = Arc::new(Mutex::new(Mood::Takes));
        let stopping = Arc::new(AtomicBool::new(false));
        let parts = (Arc::clone(&heard), Arc::clone(&mood), Arc::clone(&stopping));
        let thread = std::thread::spawn(move || {
            let (heard, mood, stopping) = parts;
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let mood = *mood.lock().expect("a mood");
                let stream = stream.expect("a connection");
                if let Some(one) = answer(stream, mood) {
                    heard.lock().expect("heard").push(one);
                }
            }
        });
        Self {
            address,
            heard,
            mood,
            stopping,
            thread: Some(thread),
        }
    }

    fn feels(&self, mood: Mood) {
        *self.mood.lock().expect("a mood") = mood;
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Numbers of the events heard, in order.
    fn numbers(&self) -> Vec<i64> {
        let heard = self.heard.lock().expect("heard");
        let mut all = Vec::new();
        for (_, bundle) in heard.iter() {
            let parameters = bundle["entry"][0]["resource"]["parameter"].clone();
            for one in parameters.as_array().expect("parameters") {
                if one["name"] == "notification-event" {
                    let number = one["part"][0]["valueString"].as_str().expect("a number");
                    all.push(number.parse().expect("digits"));
                }
            }
        }
        all
    }

    fn stop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes it.
        let _woken = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the receiver ends");
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Reads one request and answers it; its authorization and its body, if it was taken.
fn answer(mut stream: TcpStream, mood: Mood) -> Option<(String, Value)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut secret, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.trim().clone_into(&mut secret),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (status, more) = match mood {
        Mood::Takes | Mood::Slow => ("200 OK", String::new()),
        Mood::Fails => ("503 Service Unavailable", String::new()),
        Mood::LeadsAway => (
            "307 Temporary Redirect",
            "Location: /elsewhere\r\n".to_owned(),
        ),
    };
    if mood == Mood::Slow {
        // Longer than anybody waits: the other end has hung up by then.
        let mut end = [0; 1];
        stream.set_read_timeout(Some(PATIENCE * 20)).ok()?;
        let _hung_up = stream.read(&mut end);
    }
    let head = format!("HTTP/1.1 {status}\r\n{more}content-length: 0\r\nconnection: close\r\n\r\n");
    let said = stream.write_all(head.as_bytes());
    if mood == Mood::Takes && said.is_err() {
        return None;
    }
    matches!(mood, Mood::Takes | Mood::Slow)
        .then(|| Some((secret, serde_json::from_slice(&body).ok()?)))?
}

struct Ward {
    world: World,
    hospital: Home,
    system: As,
    patient: String,
}

impl Ward {
    fn new() -> Self {
        let world = World::new(vec![fhir_server::service()]);
        let life = demo::patient(world.app.gate.now().jst_date());
        let _person = world.person(&life);
        let hospital = world.set_up(|call| seed::facility(call, &demo::hospital()));
        let system = world.system(&hospital);
        let coverage = life.coverage_last().expect("insured");
        let patient = json!({
            "resourceType": "Patient",
            "identifier": [{
                "system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID",
                "value": clins::member_id(coverage),
            }],
            "birthDate": life.birth.to_string(),
        });
        let mut ward = Self {
            world,
            hospital,
            system,
            patient: String::new(),
        };
        let id = ward.post("Patient", &patient);
        ward.patient = format!("Patient/{id}");
        ward
    }

    fn post(&self, kind: &str, body: &Value) -> String {
        let body = body.to_string().into_bytes();
        let path = format!("/fhir/{kind}");
        let reply = self.world.post_fhir(&self.system, &path, &body);
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"].as_str().expect("an id").to_owned()
    }

    fn allow(&self, url: &str) {
        let (facility, url) = (self.hospital.id, url.to_owned());
        self.world
            .set_up(move |call| ops::allow(call, facility, &url, ""));
    }

    fn subscribe(&self, url: &str) -> String {
        self.post(
            "Subscription",
            &json!({
                "resourceType": "Subscription", "status": "requested", "reason": "x",
                "criteria": "urn:tasuki:topic:record-changed",
                "channel": {
                    "type": "rest-hook", "endpoint": url, "payload": "application/fhir+json",
                    "header": ["Authorization: Bearer hook-secret"],
                },
            }),
        )
    }

    fn result(&self) {
        self.world.clock.advance(1);
        self.post(
            "Observation",
            &json!({
                "resourceType": "Observation", "status": "final", "code": { "text": "x" },
                "subject": { "reference": self.patient },
            }),
        );
    }

    /// Rounds until nothing is due.
    fn deliver(&self, postman: &Postman) {
        for _ in 0..100 {
            let gate = &self.world.app.gate;
            if !work::round(gate, postman, ORIGIN, &|| false).expect("a round") {
                return;
            }
        }
        panic!("the queue does not end");
    }

    fn problem(&self, id: &str) -> String {
        let reply = self
            .world
            .get(&self.system, &format!("/fhir/Subscription/{id}"));
        reply.json()["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

#[test]
fn a_receiver_that_fails_is_slow_dies_and_comes_back_hears_everything_in_order() {
    let ward = Ward::new();
    let mut receiver = Receiver::start(None);
    let postman = Postman::with_patience(PATIENCE);
    ward.allow(&receiver.url());
    let id = ward.subscribe(&receiver.url());
    ward.deliver(&postman);
    assert_eq!(
        receiver.heard.lock().expect("heard")[0].0,
        "Bearer hook-secret",
        "the handshake carries the secret"
    );
    ward.result();
    ward.deliver(&postman);
    assert_eq!(receiver.numbers(), [1]);

    receiver.feels(Mood::Fails);
    ward.result();
    ward.deliver(&postman);
    assert!(ward.problem(&id).contains("503"), "{}", ward.problem(&id));
    receiver.feels(Mood::LeadsAway);
    ward.world.clock.advance(60);
    ward.deliver(&postman);
    assert!(ward.problem(&id).contains("307"), "{}", ward.problem(&id));
    assert_eq!(receiver.numbers(), [1], "nobody is led elsewhere");

    receiver.feels(Mood::Slow);
    ward.world.clock.advance(60);
    ward.deliver(&postman);
    assert!(ward.problem(&id).contains("slow"), "{}", ward.problem(&id));

    let (address, heard) = (receiver.address, Arc::clone(&receiver.heard));
    receiver.feels(Mood::Takes);
    receiver.stop();
    ward.result();
    ward.world.clock.advance(120);
    ward.deliver(&postman);
    assert!(
        ward.problem(&id).contains("reached"),
        "{}",
        ward.problem(&id)
    );

    let before = heard.lock().expect("heard").len();
    let again = Receiver::start(Some(address));
    ward.world.clock.advance(240);
    ward.deliver(&postman);
    // Number 2 came to the slow one too, who said so too late: it comes again under the same
    // number.
    assert_eq!(again.numbers(), [2, 3]);
    assert!(before >= 2);
    assert_eq!(ward.problem(&id), "");
}

#[test]
fn a_receiver_whose_certificate_is_not_believed_gets_nothing() {
    let ward = Ward::new();
    let receiver = Receiver::start(None);
    let postman = Postman::with_patience(PATIENCE);
    let url = format!("https://localhost:{}/hook", receiver.address.port());
    ward.allow(&url);
    let id = ward.subscribe(&url);
    ward.deliver(&postman);
    assert_ne!(ward.problem(&id), "");
    assert!(receiver.heard.lock().expect("heard").is_empty());
}
