// Every kind of document that the platform makes or hands out, for the official validator: what
// a hospital's system gets from the server, letters as sender and addressee read them, the
// shared record of a visiting patient, notifications. Our own verdict on each stands beside it.
import { Client } from "fhir-kit-client";
import { createServer } from "node:http";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { base, bundle, result, token } from "./fhir-steps.mjs";
import { done, must, ready } from "./place.mjs";

const made = `${process.argv[3]}/made`;
rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });

const bearer = async (name) => ({ authorization: `Bearer ${await token(name)}` });
const known = { rs: await bearer("rs"), clinic: await bearer("clinic"), doctor: { cookie: ready.clinic_doctor } };
/** One request; the answer's status, body and headers. */
async function ask(who, method, path, body, kind = "application/json") {
  const headers = { ...known[who], "content-type": kind };
  const answer = await fetch(`${ready.base}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, text, json: () => JSON.parse(text), headers: answer.headers };
}
const fhir = (who, method, path, body) => ask(who, method, `/fhir/${path}`, body, "application/fhir+json");

const verdicts = [];
/** Keeps a document with our verdict on it. */
async function keep(name, document) {
  must(document?.resourceType, `${name} is a resource`);
  writeFileSync(`${made}/${name}.json`, JSON.stringify(document));
  // Parameters that are to be judged come inside others.
  const isWrap = document.resourceType === "Parameters";
  const asked = isWrap ? { ...document, parameter: [{ name: "resource", resource: document }] } : document;
  const judged = (await fhir("rs", "POST", "$validate", asked)).json();
  const refused = judged.issue.filter((one) => ["error", "fatal"].includes(one.severity));
  must(refused.length === 0, `${name}: we take what we made (${JSON.stringify(refused.slice(0, 3))})`);
  const said = refused.map((one) => `${one.details?.coding?.[0]?.code ?? one.code} ${one.expression?.[0] ?? ""}`);
  verdicts.push(said.length ? `${name}.json\trefused\t${said.join("; ")}` : `${name}.json\ttaken`);
}
/** Keeps what is answered, which must have this status. */
async function kept(name, answer, status) {
  must(answer.status === status, `${name}: ${status} (${answer.status}: ${answer.text.slice(0, 300)})`);
  await keep(name, answer.json());
}

/** The own partition, by a client as vendors use it. */
async function own() {
  const kit = new Client({ baseUrl: base, customHeaders: known.rs });
  await keep("metadata", await kit.capabilityStatement());
  const { meta, ...body } = ready.documents["information-0-Condition"].entry[0].resource;
  const admitted = await kit.create({ resourceType: "Patient", body });
  await keep("own-patient", admitted);
  const patient = `Patient/${admitted.id}`;
  const first = await kit.create({ resourceType: "Observation", body: result(patient, 6.5) });
  const jsonPatch = [{ op: "replace", path: "/status", value: "corrected" }];
  const patched = await kit.patch({ resourceType: "Observation", id: first.id, jsonPatch });
  await keep("own-result", patched);
  await keep("own-history", await kit.history({ resourceType: "Observation", id: first.id }));
  await keep("own-transaction", await kit.transaction({ body: bundle(...findings(patient)) }));
  const batch = { ...bundle(result(patient, 9), { ...result(patient, 1), status: "never" }), type: "batch" };
  await keep("own-batch-with-a-refusal", await kit.batch({ body: batch }));
  const searchParams = { patient, _count: "1", _include: "Observation:patient" };
  await keep("own-search", await kit.search({ resourceType: "Observation", searchParams }));
  await keep("own-count", await kit.search({ resourceType: "Observation", searchParams: { patient, _summary: "count" } }));
  await keep("own-everything", await kit.operation({ name: "everything", resourceType: "Patient", id: admitted.id, method: "GET" }));
  await kept("own-summary", await fhir("rs", "GET", `${patient}/$summary`), 200);
  await kept("own-judgement", await fhir("rs", "POST", "Observation/$validate", { ...result(patient, 1), status: "never" }), 200);
  await kept("own-refusal", await fhir("rs", "POST", "Observation", { ...result(patient, 1), status: "never" }), 422);
  await kept("own-nothing-there", await fhir("rs", "GET", "Observation/nobody"), 404);
  return patient;
}

/** What a summary tells of: a problem, an allergy, a drug. */
function findings(patient) {
  const subject = { reference: patient };
  const active = (kind) => ({ coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}-clinical`, code: "active" }] });
  return [
    { resourceType: "Condition", subject, clinicalStatus: active("condition"), code: { text: "高血圧症" } },
    { resourceType: "AllergyIntolerance", patient: subject, clinicalStatus: active("allergyintolerance"), code: { text: "ペニシリン" } },
    {
      resourceType: "MedicationRequest", subject, status: "active", intent: "order",
      medicationCodeableConcept: { text: "アムロジピン錠5mg" }, authoredOn: "2026-11-20",
    },
  ];
}

/** A document as commands name it. */
const target = (document) => ({ member: ready.member, system: document.identifier.system, value: document.identifier.value });

/** Bundles and documents: registered, read back, read by the addressee. */
async function shared() {
  for (const [name, document] of Object.entries(ready.documents)) {
    const minuteAgo = new Date(Date.now() - 60_000).toISOString();
    const consent = name.startsWith("letter") ? `?consent=${minuteAgo}` : "";
    await kept(`registered-${name}`, await fhir("rs", "POST", `Bundle/$register${consent}`, document), 201);
    await kept(name, await ask("rs", "POST", "/fhir/Bundle/$document", target(document)), 200);
  }
  await kept("refused-document", await fhir("rs", "POST", "Bundle/$register", { ...ready.documents["letter-of-a-hospital"], type: "collection" }), 422);
  const inbox = (await ask("clinic", "GET", "/api/v1/letters/inbox")).json();
  must(inbox.letters.length === 2, `the addressee has both letters (${inbox.letters.length})`);
  for (const [nth, { letter: id }] of inbox.letters.entries()) {
    const opened = await ask("clinic", "POST", `/api/v1/letters/inbox/${id}/open`, {});
    must(opened.status < 300, `a letter is opened (${opened.status}: ${opened.text.slice(0, 200)})`);
    await kept(`letter-as-its-addressee-reads-it-${nth}`, await ask("clinic", "GET", `/api/v1/letters/inbox/${id}/document`), 200);
  }
  const came = (await ask("clinic", "POST", "/api/v1/eligibility/checks", ready.inquiry)).json();
  for (const kind of ["Condition", "AllergyIntolerance", "Observation"]) {
    const found = await fhir("doctor", "GET", `shared/${kind}?patient=${came.visit}`);
    await kept(`shared-${kind}`, found, 200);
    must(found.json().entry?.length > 0, `the shared record has ${kind}`);
  }
}

/** A subscription, its state, and what its receiver is sent. */
async function subscribed(patient) {
  const received = [];
  const receiver = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      received.push(JSON.parse(Buffer.concat(chunks)));
      response.end();
    });
  });
  /** Waits until so many notifications are there. */
  const arrives = async (count) => {
    for (let tries = 0; tries < 100 && received.length < count; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    must(received.length >= count, `notification ${count} arrives`);
    return received[count - 1];
  };
  const endpoint = new URL(ready.receiver);
  await new Promise((resolve) => receiver.listen(endpoint.port, endpoint.hostname, resolve));
  const subscription = {
    resourceType: "Subscription", status: "requested", reason: "検査結果の通知",
    criteria: "urn:tasuki:topic:record-changed",
    channel: { type: "rest-hook", endpoint: ready.receiver, payload: "application/fhir+json" },
  };
  const created = await fhir("rs", "POST", "Subscription", subscription);
  await kept("subscription", created, 201);
  await keep("notification-handshake", await arrives(1));
  await fhir("rs", "POST", "Observation", result(patient, 7));
  await keep("notification-event", await arrives(2));
  receiver.closeAllConnections();
  receiver.close();
  await kept("subscription-status", await fhir("rs", "GET", `Subscription/${created.json().id}/$status`), 200);
  await kept("subscriptions", await fhir("rs", "GET", "Subscription"), 200);
}

/** What a hospital keeps of its own, published: the Bundles that the platform builds of it. */
async function published(patient) {
  const send = async (resource) => {
    const answer = await fhir("rs", "POST", resource.resourceType, resource);
    must(answer.status === 201, `${resource.resourceType} is kept (${answer.status}: ${answer.text.slice(0, 300)})`);
    return { reference: `${resource.resourceType}/${answer.json().id}` };
  };
  const subject = { reference: patient };
  const doctor = await send({ resourceType: "Practitioner", name: [{ text: "佐藤 医師", family: "佐藤", given: ["医師"] }] });
  const encounter = await send({
    resourceType: "Encounter", status: "finished", subject, period: { start: "2026-11-20" },
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    participant: [{ individual: doctor }], reasonCode: [{ text: "来院の理由" }],
  });
  const specimen = await send({ resourceType: "Specimen", type: { text: "血清" }, subject });
  for (const name of ["information-0-Condition", "information-1-AllergyIntolerance", "information-2-Observation"]) {
    for (const { resource } of ready.documents[name].entry.slice(1)) {
      // As a record system keeps it: with references, and without what only the service asks for.
      const { meta, contained, identifier, extension, performer, ...rest } = resource;
      const kept = (extension ?? []).filter((one) => !one.valueIdentifier);
      const own = { ...about(patient, rest), encounter, ...(kept.length ? { extension: kept } : {}) };
      const result = { performer: [doctor], specimen, effectiveDateTime: "2026-11-20T09:00:00+09:00" };
      await send(resource.resourceType === "Observation" ? { ...own, ...result } : { ...own, recorder: doctor });
    }
  }
  const parameter = [{ name: "patient", valueReference: subject }, { name: "encounter", valueReference: encounter }];
  const answer = await fhir("rs", "POST", "$publish", { resourceType: "Parameters", parameter });
  await kept("publish-answer", answer, 200);
  const bundles = answer.json().parameter.filter((one) => one.name === "bundle");
  must(bundles.length >= 3, `all three kinds are published (${bundles.length})`);
  for (const [nth, { part }] of bundles.entries()) {
    const told = (name) => part.find((one) => one.name === name);
    const asked = target({ identifier: told("identifier").valueIdentifier });
    await kept(`published-${nth}-${told("type").valueCode}`, await ask("rs", "POST", "/fhir/Bundle/$document", asked), 200);
  }
}

/** A resource as one of this patient. */
function about(patient, resource) {
  const key = resource.resourceType === "AllergyIntolerance" ? "patient" : "subject";
  return { ...resource, [key]: { reference: patient } };
}

const patient = await own();
await shared();
await subscribed(patient);
await published(patient);
writeFileSync(`${made}/verdicts.tsv`, verdicts.join("\n") + "\n");
done();
