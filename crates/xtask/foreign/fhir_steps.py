"""What every FHIR client must be able to do with the own partition; see fhir-steps.mjs."""

import json
import os
import sys
import time
import uuid

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # noqa: E402
from joserfc.jwk import RSAKey  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    READY = json.load(file)
FOLDER = sys.argv[2]
BASE = READY["base"] + "/fhir"
STEPS = 0


def must(holds, what):
    """One thing that must hold."""
    global STEPS
    STEPS += 1
    print(("ok" if holds else "wrong") + ": " + what, flush=True)


def done():
    """The last line, which shows that nothing stopped before its end."""
    print(f"done {STEPS}")


def token():
    """A token of SMART backend services."""
    with open(f"{FOLDER}/rs.pem", encoding="ascii") as key:
        session = OAuth2Session(
            READY["clients"]["rs"]["client"],
            RSAKey.import_key(key.read()),
            scope=READY["clients"]["rs"]["scope"],
            token_endpoint_auth_method="private_key_jwt",
        )
    session.trust_env = False
    server = session.request(
        "GET", READY["base"] + "/.well-known/oauth-authorization-server", withhold_token=True
    ).json()
    claims = {"exp": int(time.time()) + 120, "jti": str(uuid.uuid4())}
    kid = {"kid": "foreign-rs"}
    proof = PrivateKeyJWT(server["token_endpoint"], claims=claims, headers=kid, alg="RS384")
    session.register_client_auth_method(proof)
    got = session.fetch_token(server["token_endpoint"], grant_type="client_credentials")
    return got["access_token"]


def result(patient, value):
    """A laboratory result."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "HbA1c"},
        "subject": {"reference": patient},
        "effectiveDateTime": "2026-11-20T09:00:00+09:00",
        "valueQuantity": {"value": value, "unit": "%"},
    }


def bundle(*resources):
    """A transaction that creates these."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": f"urn:uuid:{uuid.uuid4()}",
                "resource": one,
                "request": {"method": "POST", "url": one["resourceType"]},
            }
            for one in resources
        ],
    }


def refusal(what, act, outcome_of, place):
    """What a refused act says: the outcome behind whatever the client raises."""
    try:
        act()
    except Exception as error:  # each client raises its own
        outcome = outcome_of(error) or {}
        told = outcome.get("resourceType") == "OperationOutcome" and place in json.dumps(outcome)
        must(told, f"{what}: refused with its place ({place})")
        return
    must(False, f"{what}: was not refused")


def walk(client):
    """Everything in order, with a client."""
    made = client.create(READY["own_patient"])
    patient = f"Patient/{made['id']}"
    must(made["meta"]["versionId"] == "1", "a patient is created")
    ids = [client.create(result(patient, value))["id"] for value in (6.5, 7.25, 8)]
    read = client.read("Observation", ids[1])
    must(read["valueQuantity"]["value"] == 7.25, "a result is read back")
    pages = [[one["id"] for one in page] for page in client.pages("Observation", patient, 2)]
    must([len(page) for page in pages] == [2, 1], "pages are as long as they were asked for")
    must(sorted(sum(pages, [])) == sorted(ids), "the pages have all, none twice")
    refusal(
        "a search that names no patient",
        lambda: client.search("Observation", {"status": "final"}),
        client.outcome_of,
        "patient",
    )
    amended = client.update({**read, "status": "amended"})
    must(amended["status"] == "amended", "an update is taken")
    steps = [{"op": "replace", "path": "/status", "value": "corrected"}]
    patched = client.patch("Observation", ids[1], steps)
    must(patched["status"] == "corrected", "a patch is taken")
    versions = [one["resource"]["status"] for one in client.history("Observation", ids[1])["entry"]]
    must(versions == ["corrected", "amended", "final"], "history has all versions, newest first")
    wrong = {**result(patient, 1), "status": "never"}
    refusal(
        "a transaction with one wrong entry",
        lambda: client.transaction(bundle(result(patient, 9), wrong)),
        client.outcome_of,
        "Bundle.entry[1].resource.status",
    )
    count = client.search("Observation", {"patient": patient, "_summary": "count"})["total"]
    must(count == 3, f"nothing of a refused transaction is left ({count})")
    kept = client.transaction(bundle(result(patient, 9), result(patient, 10)))
    statuses = [one["response"]["status"][:3] for one in kept["entry"]]
    must(statuses == ["201", "201"], "a good transaction is kept whole")
    everything = client.everything(made["id"])["entry"]
    kinds = [one["resource"]["resourceType"] for one in everything]
    must(kinds[0] == "Patient" and kinds.count("Observation") == 5, "everything of the patient")
    severities = [one["severity"] for one in client.validate(result(patient, 5))["issue"]]
    must(not {"error", "fatal"} & set(severities), "what is right is judged right")
    must("Observation.status" in json.dumps(client.validate(wrong)), "what is wrong is judged wrong")
    done()
