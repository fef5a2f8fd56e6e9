// openid-client, as a vendor's server would use it: discovery, client credentials, introspection,
// revocation, and a code flow with PKCE.
import * as client from "openid-client";
import { check, decide, done, keyOf, must, mustRefuse, ready } from "./place.mjs";

const options = { execute: [client.allowInsecureRequests] };
async function configured(name) {
  const proof = client.PrivateKeyJwt(await keyOf(name));
  return client.discovery(new URL(ready.base), ready.clients[name].client, undefined, proof, options);
}

for (const name of ["rs", "es"]) {
  const config = await configured(name);
  must(config.serverMetadata().issuer === ready.base, `${name}: discovered`);
  const token = await client.clientCredentialsGrant(config, { scope: "tasuki/eligibility" });
  must((await check(token.access_token)) === 200, `${name}: a token that opens what it is for`);
  const asker = await configured("es");
  must((await client.tokenIntrospection(asker, token.access_token)).active, `${name}: introspected`);
  await client.tokenRevocation(config, token.access_token);
  must((await check(token.access_token)) === 401, `${name}: revoked`);
}
const app = await configured("app");
for (const [who, scope] of [["doctor", "openid user/*.rs"], ["patient", "openid launch/patient patient/*.rs"]]) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const address = client.buildAuthorizationUrl(app, {
    redirect_uri: ready.callback, scope, state: expectedState, nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256" });
  const back = await decide(address, ready[who], "approve");
  const token = await client.authorizationCodeGrant(app, back, { pkceCodeVerifier, expectedState, expectedNonce });
  must(token.claims().sub.length > 0 && token.expires_in <= 300, `${who}: logged in`);
  await mustRefuse(`${who}: an answer with another issuer`, async () => {
    const forged = new URL(back);
    forged.searchParams.set("iss", "https://elsewhere.example");
    await client.authorizationCodeGrant(app, forged, { pkceCodeVerifier, expectedState, expectedNonce });
  }, () => true);
}
done();
