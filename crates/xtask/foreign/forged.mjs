// Client assertions that are not what they say: each is refused as invalid_client, and the
// right one beside them is not.
import { SignJWT, exportSPKI, importJWK, generateKeyPair, exportJWK } from "jose";
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { done, keyOf, must, ready } from "./place.mjs";

const id = ready.clients.rs.client;
const { key, kid } = await keyOf("rs");
const shown = JSON.parse(readFileSync(`${process.argv[3]}/public.json`)).rs;
const now = Math.floor(Date.now() / 1000);
const right = () => ({ iss: id, sub: id, aud: `${ready.base}/oauth/token`, jti: randomUUID(), iat: now, exp: now + 120 });
const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");

async function signed(claims = {}, head = {}, by = key) {
  return new SignJWT({ ...right(), ...claims }).setProtectedHeader({ alg: "RS384", kid, ...head }).sign(by);
}
async function ask(assertion, client_id) {
  const form = new URLSearchParams({ grant_type: "client_credentials", scope: "tasuki/eligibility",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: assertion });
  if (client_id) form.set("client_id", client_id);
  const answer = await fetch(`${ready.base}/oauth/token`, { method: "POST", body: form });
  return { status: answer.status, body: await answer.json() };
}

const plain = await ask(await signed());
must(plain.status === 200, "the right assertion is taken");
const once = await signed();
must((await ask(once)).status === 200, "an assertion is taken once");

const stranger = (await generateKeyPair("RS384", { modulusLength: 3072 })).privateKey;
const own = await generateKeyPair("RS384", { modulusLength: 3072, extractable: true });
const pem = await exportSPKI(await importJWK({ ...shown, use: undefined }, "RS384", { extractable: true }));
const hmac = (secret) => {
  const head = `${part({ alg: "HS256", kid })}.${part(right())}`;
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
};
const whole = await signed();
const [head, , signature] = whole.split(".");
const other = ready.clients.es.client;
const forged = {
  "again": once,
  "algorithm none": `${part({ alg: "none", kid })}.${part(right())}.`,
  "algorithm None with a signature": `${part({ alg: "None", kid })}.${part(right())}.${signature}`,
  "HS256 with the public key as its secret": hmac(pem),
  "HS256 with the modulus as its secret": hmac(Buffer.from(shown.n, "base64url")),
  "signed by a stranger": await signed({}, {}, stranger),
  "its own key in the head": await signed({}, { jwk: await exportJWK(own.publicKey) }, own.privateKey),
  "an address of keys in the head": await signed({}, { jku: `${ready.base}/oauth/jwks` }),
  "an address of certificates in the head": await signed({}, { x5u: "https://elsewhere.example/x" }),
  "a name of a key that is a path": await signed({}, { kid: "../../etc/passwd" }),
  "a name of a key that is a statement": await signed({}, { kid: "' UNION SELECT '1" }),
  "the name of another client's key": await signed({}, { kid: "foreign-es" }),
  "unknown critical words": await signed({}, { crit: ["b64"], b64: true }).catch(() => `${part({ alg: "RS384", kid, crit: ["x"], x: 1 })}.${part(right())}.${signature}`),
  "for another server": await signed({ aud: "https://elsewhere.example/oauth/token" }),
  "for everybody": await signed({ aud: "*" }),
  "for a part of our name": await signed({ aud: ready.base.slice(0, -1) }),
  "over": await signed({ exp: now - 60, iat: now - 120 }),
  "good for a day": await signed({ exp: now + 86400 }),
  "good for ever": await signed({ exp: undefined }),
  "not begun": await signed({ nbf: now + 600 }),
  "without a number": await signed({ jti: undefined }),
  "with an empty number": await signed({ jti: "" }),
  "about another": await signed({ sub: other }),
  "by another": await signed({ iss: other }),
  "other claims under a right signature": `${head}.${part({ ...right(), sub: other, iss: other })}.${signature}`,
  "a cut signature": whole.slice(0, -20),
  "no signature": `${head}.${part(right())}.`,
  "four parts": `${whole}.AAAA`,
  "nothing": "",
};
for (const [what, assertion] of Object.entries(forged)) {
  const { status, body } = await ask(assertion);
  const isRefused = [400, 401].includes(status) && ["invalid_client", "invalid_request"].includes(body.error);
  must(isRefused && !body.access_token, `${what}: ${status} ${body.error}`);
}
const mixed = await ask(await signed(), other);
must(mixed.status >= 400 && !mixed.body.access_token, "one client's assertion under another's name");
done();
