"""authlib, as a vendor's Python would use it: client credentials, introspection, revocation."""

import json
import os
import sys
import time
import uuid

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # noqa: E402
from joserfc.jwk import ECKey, RSAKey  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    READY = json.load(file)
FOLDER = sys.argv[2]
STEPS = 0


def must(holds, what):
    """One thing that must hold."""
    global STEPS
    STEPS += 1
    print(("ok" if holds else "wrong") + ": " + what, flush=True)


def session(name, alg, scope, server):
    """A session of a registered client, with its private key."""
    kind = ECKey if alg.startswith("ES") else RSAKey
    with open(f"{FOLDER}/{name}.pem", encoding="ascii") as key:
        made = OAuth2Session(
            READY["clients"][name]["client"],
            kind.import_key(key.read()),
            scope=scope,
            token_endpoint_auth_method="private_key_jwt",
            revocation_endpoint_auth_method="private_key_jwt",
        )
    made.trust_env = False
    # The server takes assertions of five minutes at most; authlib's last an hour by itself.
    proof = PrivateKeyJWT(
        server["token_endpoint"],
        headers={"kid": f"foreign-{name}"},
        alg=alg,
    )
    sign = proof.sign

    def short(auth, token_endpoint):
        proof.claims = {"exp": int(time.time()) + 120, "jti": str(uuid.uuid4())}
        return sign(auth, token_endpoint)

    proof.sign = short
    made.register_client_auth_method(proof)
    return made


def main():
    """Everything in order."""
    import requests

    plain = requests.Session()
    plain.trust_env = False
    base = READY["base"]
    server = plain.get(base + "/.well-known/oauth-authorization-server").json()
    for name, alg in [("rs", "RS384"), ("es", "ES384"), ("python", "RS384")]:
        own = session(name, alg, "tasuki/eligibility", server)
        token = own.fetch_token(server["token_endpoint"], grant_type="client_credentials")
        must(token["expires_in"] <= 300, f"{name}: a token of 300 s at most")
        answer = own.post(base + "/api/v1/eligibility/checks", json=READY["inquiry"])
        must(answer.status_code == 200, f"{name}: opens what it is for ({answer.status_code})")
        asker = session("python", "RS384", "tasuki/introspect", server)
        asker.fetch_token(server["token_endpoint"], grant_type="client_credentials")
        told = asker.introspect_token(server["introspection_endpoint"], token=token["access_token"])
        must(told.json().get("active") is True, f"{name}: introspected")
        own.revoke_token(server["revocation_endpoint"], token=token["access_token"])
        told = asker.introspect_token(server["introspection_endpoint"], token=token["access_token"])
        must(told.json() == {"active": False}, f"{name}: revoked, and nothing more is told")
        header = {"authorization": "Bearer " + token["access_token"]}
        again = plain.post(
            base + "/api/v1/eligibility/checks", json=READY["inquiry"], headers=header
        )
        must(again.status_code == 401, f"{name}: revoked, it opens nothing")
    print(f"done {STEPS}")


main()
