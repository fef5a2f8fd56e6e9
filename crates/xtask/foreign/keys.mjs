// Keys for the registered clients: private ones beside us, public ones for the server.
// node keys.mjs FOLDER -> FOLDER/private.json, FOLDER/public.json, FOLDER/NAME.pem
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { writeFileSync } from "node:fs";

const folder = process.argv[2];
const kept = {};
const shown = {};
for (const [name, alg] of [["rs", "RS384"], ["es", "ES384"], ["python", "RS384"], ["app", "ES384"], ["clinic", "RS384"]]) {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
  const named = { kid: `foreign-${name}`, alg, use: "sig" };
  kept[name] = { ...(await exportJWK(pair.privateKey)), ...named };
  shown[name] = { ...(await exportJWK(pair.publicKey)), ...named };
  writeFileSync(`${folder}/${name}.pem`, await exportPKCS8(pair.privateKey), { mode: 0o600 });
}
writeFileSync(`${folder}/private.json`, JSON.stringify(kept), { mode: 0o600 });
writeFileSync(`${folder}/public.json`, JSON.stringify(shown));
console.log(`done ${Object.keys(shown).length}`);
