// What every FHIR client must be able to do with the own partition, whatever it is called there:
// create, read, search with paging, update, history, patch, a transaction that is undone whole,
// everything of a patient, and a judgement. A client is a handful of functions.
import * as oauth from "oauth4webapi";
import { done, keyOf, must, ready } from "./place.mjs";

export const base = `${ready.base}/fhir`;

/** A token of SMART backend services, of one of the registered systems. */
export async function token(name = "rs") {
  const http = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(ready.base);
  const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...http });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: ready.clients[name].client };
  const proof = oauth.PrivateKeyJwt(await keyOf(name));
  const scope = new URLSearchParams({ scope: ready.clients[name].scope });
  const answer = await oauth.clientCredentialsGrantRequest(server, client, proof, scope, http);
  return (await oauth.processClientCredentialsResponse(server, client, answer)).access_token;
}

/** A laboratory result. */
export function result(patient, value) {
  return {
    resourceType: "Observation", status: "final", code: { text: "HbA1c" },
    subject: { reference: patient }, effectiveDateTime: "2026-11-20T09:00:00+09:00",
    valueQuantity: { value, unit: "%" },
  };
}

const entry = (resource) => ({
  fullUrl: `urn:uuid:${crypto.randomUUID()}`, resource, request: { method: "POST", url: resource.resourceType },
});
/** A transaction that creates these. */
export const bundle = (...resources) => ({ resourceType: "Bundle", type: "transaction", entry: resources.map(entry) });
const kinds = (page) => (page.entry ?? []).map((one) => one.resource.resourceType);

/** What a refused act says: the outcome behind whatever the client throws. */
async function refusal(what, act, outcomeOf, place) {
  try {
    await act();
  } catch (error) {
    const outcome = await outcomeOf(error);
    const text = JSON.stringify(outcome ?? null);
    must(outcome?.resourceType === "OperationOutcome" && text.includes(place), `${what}: refused with its place (${place})`);
    return;
  }
  must(false, `${what}: was not refused`);
}

/** Walks through all of it with a client. */
export async function walk(client) {
  const admitted = await client.create(ready.own_patient);
  const patient = `Patient/${admitted.id}`;
  must(admitted.meta.versionId === "1", "a patient is created");
  const values = [6.5, 7.25, 8];
  const results = [];
  for (const value of values) results.push(await client.create(result(patient, value)));
  const read = await client.read("Observation", results[1].id);
  must(read.valueQuantity.value === 7.25 && read.subject.reference === patient, "a result is read back");

  const query = { patient, _count: "2" };
  const first = await client.search("Observation", query);
  must(first.entry.length === 2, "a page is as long as it was asked for");
  const second = await client.next(first);
  const found = [...first.entry, ...second.entry].map((one) => one.resource.id);
  must(new Set(found).size === 3 && second.entry.length === 1, "the next page has the rest, none twice");
  must(!(await client.next(second)), "the last page says that it is the last");
  await refusal("a search that names no patient", () => client.search("Observation", { status: "final" }),
    client.outcomeOf, "patient");

  const amended = await client.update({ ...read, status: "amended" });
  must(amended.status === "amended" && amended.meta.versionId === "2", "an update makes a version");
  const steps = [{ op: "replace", path: "/status", value: "corrected" }];
  const patched = await client.patch("Observation", read.id, steps);
  must(patched.status === "corrected" && patched.meta.versionId === "3", "a patch makes a version");
  const history = await client.history("Observation", read.id);
  const versions = history.entry.map((one) => one.resource.status);
  must(versions.join() === "corrected,amended,final", "history has all of them, the newest first");

  const wrong = { ...result(patient, 1), status: "never" };
  await refusal("a transaction with one wrong entry", () => client.transaction(bundle(result(patient, 9), wrong)),
    client.outcomeOf, "Bundle.entry[1].resource.status");
  const after = await client.search("Observation", { patient, _summary: "count" });
  must(after.total === 3, `nothing of a refused transaction is left (${after.total})`);
  const kept = await client.transaction(bundle(result(patient, 9), result(patient, 10)));
  must(kept.entry.every((one) => one.response.status.startsWith("201")), "a good transaction is kept whole");

  const everything = await client.everything(admitted.id);
  const all = kinds(everything);
  must(all[0] === "Patient" && all.filter((kind) => kind === "Observation").length === 5, `everything of the patient (${all})`);
  const good = await client.validate(result(patient, 5));
  must(!good.issue.some((one) => ["error", "fatal"].includes(one.severity)), "what is right is judged right");
  const bad = await client.validate(wrong);
  must(JSON.stringify(bad).includes("Observation.status"), "what is wrong is judged wrong, with its place");
  const summary = await client.read("Patient", `${admitted.id}/$summary`);
  must(summary.type === "document", "the summary is a document");
  const metadata = await (await fetch(`${base}/metadata`)).json();
  must(metadata.resourceType === "CapabilityStatement", "the server says what it can do");
  done();
}
