// What our scripts share: the ready file, the keys, saying what is wrong, and a browser's part
// in a log-in, by hand.
import { importJWK } from "jose";
import { readFileSync } from "node:fs";

export const ready = JSON.parse(readFileSync(process.argv[2]));
const kept = JSON.parse(readFileSync(`${process.argv[3]}/private.json`));

/** A client's private key, as WebCrypto has it, with its name. */
export async function keyOf(name) {
  const { kid, alg } = kept[name];
  return { key: await importJWK(kept[name], alg), kid, alg };
}

let steps = 0;
/** One thing that must hold. */
export function must(holds, what) {
  steps += 1;
  console.log(`${holds ? "ok" : "wrong"}: ${what}`);
}

/** One act that must be refused with this error code of the protocol. */
export async function mustRefuse(what, act, isRefusal) {
  try {
    await act();
  } catch (error) {
    must(isRefusal(error), `${what}: refused (${error.error ?? error.code ?? error.message})`);
    return;
  }
  must(false, `${what}: was not refused`);
}

/** Asks for eligibility with a token; the status. */
export async function check(token, headers = {}) {
  const answer = await fetch(`${ready.base}/api/v1/eligibility/checks`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(ready.inquiry),
  });
  return answer.status;
}

/** A user with this session decides on what an app asks at `address`; where it is led back. */
export async function decide(address, cookie, decision) {
  const asked = await fetch(address, { headers: { cookie }, redirect: "manual" });
  if (asked.status === 303) return new URL(asked.headers.get("location"), address);
  const page = await asked.text();
  const form = page.slice(page.indexOf('action="/oauth/authorize"'));
  const fields = new URLSearchParams();
  for (const [input] of form.slice(0, form.indexOf("</form>")).matchAll(/<input[^>]*>/g)) {
    const value = (name) => input.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? "";
    if (value("type") === "hidden") fields.append(value("name"), plain(value("value")));
  }
  fields.append("decision", decision);
  const answer = await fetch(`${ready.base}/oauth/authorize`, {
    method: "POST",
    headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
    body: fields,
    redirect: "manual",
  });
  const to = answer.headers.get("location");
  if (!to) throw new Error(`the decision led nowhere: ${answer.status} ${await answer.text()}`);
  return new URL(to, ready.base);
}

function plain(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

/** The last line, which shows that nothing stopped before its end. */
export function done() {
  console.log(`done ${steps}`);
}
