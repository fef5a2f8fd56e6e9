// fhir-kit-client, as vendors on Node use it.
import { Client } from "fhir-kit-client";
import { base, token, walk } from "./fhir-steps.mjs";

const kit = new Client({ baseUrl: base, bearerToken: await token() });
const parameters = (resource) => ({ resourceType: "Parameters", parameter: [{ name: "resource", resource }] });

await walk({
  create: (body) => kit.create({ resourceType: body.resourceType, body }),
  read: (resourceType, id) => kit.read({ resourceType, id }),
  search: (resourceType, searchParams) => kit.search({ resourceType, searchParams }),
  next: (bundle) => kit.nextPage({ bundle }),
  update: (body) => kit.update({ resourceType: body.resourceType, id: body.id, body }),
  patch: (resourceType, id, jsonPatch) => kit.patch({ resourceType, id, jsonPatch }),
  history: (resourceType, id) => kit.history({ resourceType, id }),
  transaction: (body) => kit.transaction({ body }),
  everything: (id) => kit.operation({ name: "everything", resourceType: "Patient", id, method: "GET" }),
  validate: (body) => kit.operation({ name: "validate", resourceType: body.resourceType, input: parameters(body) }),
  outcomeOf: (error) => error.response?.data,
});
