// fhirclient, the SMART on FHIR library for JavaScript.
import { createRequire } from "node:module";
import { base, token, walk } from "./fhir-steps.mjs";

const { FhirClient } = createRequire(import.meta.url)("fhirclient");
const own = new FhirClient(base);
const headers = { authorization: `Bearer ${await token()}` };
const json = { ...headers, "content-type": "application/fhir+json" };
const ask = (url) => own.fhirRequest(url, { headers });
const post = (url, body) => own.fhirRequest(url, { method: "POST", headers: json, body: JSON.stringify(body) });

await walk({
  create: (body) => own.create(body, { headers: json }),
  read: (kind, id) => ask(`${kind}/${id}`),
  search: (kind, query) => ask(`${kind}?${new URLSearchParams(query)}`),
  next: async (bundle) => {
    const link = bundle.link?.find((one) => one.relation === "next");
    return link && ask(link.url);
  },
  update: (body) => own.update(body, { headers: json }),
  patch: (kind, id, steps) => own.patch(`${kind}/${id}`, steps, { headers }),
  history: (kind, id) => ask(`${kind}/${id}/_history`),
  transaction: (body) => post(base, body),
  everything: (id) => ask(`Patient/${id}/$everything`),
  validate: (body) => post(`${body.resourceType}/$validate`, body),
  outcomeOf: (error) => JSON.parse(error.message.slice(error.message.indexOf("{"))),
});
