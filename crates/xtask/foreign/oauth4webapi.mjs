// oauth4webapi, which holds every answer to its standard: metadata, client credentials with
// both algorithms, introspection, revocation, and an app's log-in with PKCE.
import * as oauth from "oauth4webapi";
import { check, decide, done, keyOf, must, mustRefuse, ready } from "./place.mjs";

const http = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(ready.base);
const isRefused = (word) => (error) => error.error === word || error.cause?.error === word;

let server;
for (const algorithm of ["oauth2", "oidc"]) {
  const answer = await oauth.discoveryRequest(issuer, { algorithm, ...http });
  server = await oauth.processDiscoveryResponse(issuer, answer);
  must(server.issuer === ready.base, `metadata by ${algorithm}`);
}
const smart = await (await fetch(`${ready.base}/.well-known/smart-configuration`)).json();
must(smart.token_endpoint === server.token_endpoint, "SMART configuration agrees");
must(smart.capabilities.includes("client-confidential-asymmetric"), "SMART capabilities");
must(server.code_challenge_methods_supported.join() === "S256", "PKCE by S256 only");

async function tokenOf(name, scope, auth) {
  const client = { client_id: ready.clients[name].client };
  const proof = auth ?? oauth.PrivateKeyJwt(await keyOf(name));
  const answer = await oauth.clientCredentialsGrantRequest(
    server, client, proof, new URLSearchParams({ scope }), http);
  return oauth.processClientCredentialsResponse(server, client, answer);
}

async function introspect(token) {
  const client = { client_id: ready.clients.es.client };
  const proof = oauth.PrivateKeyJwt(await keyOf("es"));
  const answer = await oauth.introspectionRequest(server, client, proof, token, http);
  return oauth.processIntrospectionResponse(server, client, answer);
}

for (const name of ["rs", "es"]) {
  const token = await tokenOf(name, "tasuki/eligibility");
  must(token.token_type === "bearer" && token.expires_in <= 300, `${name}: a token of 300 s at most`);
  must((await check(token.access_token)) === 200, `${name}: opens what it is for`);
  const told = await introspect(token.access_token);
  must(told.active && told.client_id === ready.clients[name].client, `${name}: introspected`);
  must(told.scope === "tasuki/eligibility", `${name}: of the scope that was asked for`);
  const client = { client_id: ready.clients[name].client };
  const revoke = async () => oauth.processRevocationResponse(await oauth.revocationRequest(
    server, client, oauth.PrivateKeyJwt(await keyOf(name)), token.access_token, http));
  await revoke();
  must((await check(token.access_token)) === 401, `${name}: revoked, it opens nothing`);
  must(!(await introspect(token.access_token)).active, `${name}: revoked, it is not active`);
  await revoke();
  must(true, `${name}: revoking again tells nothing`);
}
const narrow = await tokenOf("rs", "system/Bundle.r");
must((await check(narrow.access_token)) === 403, "a token opens nothing beyond its scope");
await mustRefuse("a scope that is not registered", () => tokenOf("rs", "tasuki/introspect"), isRefused("invalid_scope"));
await mustRefuse("another client's key",
  async () => tokenOf("rs", "tasuki/eligibility", oauth.PrivateKeyJwt(await keyOf("es"))), isRefused("invalid_client"));
await mustRefuse("no proof at all", () => tokenOf("rs", "tasuki/eligibility", oauth.None()), isRefused("invalid_client"));
await mustRefuse("a secret", () => tokenOf("rs", "tasuki/eligibility", oauth.ClientSecretPost("secret")), isRefused("invalid_client"));

// An app, for a doctor and for a patient.
const app = { client_id: ready.clients.app.client };
async function ask(scope, more = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({
    response_type: "code", client_id: app.client_id, redirect_uri: ready.callback, scope, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...more });
  return { address, verifier, state, nonce };
}
async function exchange(parameters, verifier) {
  const proof = oauth.PrivateKeyJwt(await keyOf("app"));
  return oauth.authorizationCodeGrantRequest(server, app, proof, parameters, ready.callback, verifier, http);
}
for (const [who, scope] of [["doctor", "openid fhirUser user/*.rs"], ["patient", "openid launch/patient patient/*.rs"]]) {
  const asked = await ask(scope);
  const back = await decide(asked.address, ready[who], "approve");
  const parameters = oauth.validateAuthResponse(server, app, back, asked.state);
  must(parameters.get("iss") === ready.base, `${who}: the answer names its issuer`);
  const answer = await exchange(parameters, asked.verifier);
  const token = await oauth.processAuthorizationCodeResponse(server, app, answer, {
    expectedNonce: asked.nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(server, answer, http);
  must(oauth.getValidatedIdTokenClaims(token).iss === ready.base, `${who}: a signed ID token`);
  must(token.expires_in <= 300 && !token.refresh_token, `${who}: a short token and no other`);
  await mustRefuse(`${who}: the code once more`, async () => oauth.processAuthorizationCodeResponse(
    server, app, await exchange(parameters, asked.verifier)), isRefused("invalid_grant"));
  const other = await ask(scope);
  const led = await decide(other.address, ready[who], "approve");
  const stolen = oauth.validateAuthResponse(server, app, led, other.state);
  await mustRefuse(`${who}: a stolen code without its verifier`, async () => oauth.processAuthorizationCodeResponse(
    server, app, await exchange(stolen, oauth.generateRandomCodeVerifier())), isRefused("invalid_grant"));
  const denied = await ask(scope);
  const no = await decide(denied.address, ready[who], "deny");
  await mustRefuse(`${who}: who does not agree`, async () => oauth.validateAuthResponse(
    server, app, no, denied.state), isRefused("access_denied"));
}
const weak = await ask("openid user/*.rs", { code_challenge_method: "plain" });
const led = await decide(weak.address, ready.doctor, "approve");
must(led.searchParams.get("error") === "invalid_request", "PKCE by plain is refused");
const astray = await ask("openid user/*.rs", { redirect_uri: "http://127.0.0.1:1/callback/../elsewhere" });
const page = await fetch(astray.address, { headers: { cookie: ready.doctor }, redirect: "manual" });
must(page.status >= 400 && !page.headers.get("location"), "an unregistered address is never led to");
done();
