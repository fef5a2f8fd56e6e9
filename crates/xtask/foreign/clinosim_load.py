"""What clinosim makes (a Japanese hospital's records) in the own partition of a hospital.

clinosim_load.py people MADE FILE      the people whom it made, as their insurers know them
clinosim_load.py READY FOLDER          the identity step, then a transaction a patient

The identity step is a vendor's: clinosim's own patient numbers lead nowhere, so each patient's
eligibility is asked for by the numbers of their insurance, and what was verified is written
into the Patient as its member identifier; its invented institution becomes the one that loads.

Without packages that are published nowhere, clinosim says of itself that it does not keep the
JP-CLINS profiles that its resources claim. As they are, they must be refused, by rules that
are known here; without that claim, all must load.
"""

import json
import pathlib
import sys
from collections import Counter

SERVER = "https://clinosim.example/fhir/"
CORE = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
MEMBER = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
CLAIM = "http://jpfhir.jp/fhir/eCS/StructureDefinition/"
# An institution that nobody has, and the system of its patients' numbers.
NOBODYS = "1300000000"
NUMBERS = "urn:oid:1.2.392.100495.20.3.51.1"
# By what its claim to keep JP-CLINS is refused, and why that is right.
REFUSED = {
    "R1010": "the system of a patient's number ends with the institution's",
    "R1021": "no institution has fee table 0",
    "R3010": "drugs have a national code there, or the code for none",
    "R6021": "a result has the institution's own code there",
    "R901101": "a result names its institution there",
    "CLINS-ALLERGY-CODE": "an allergy has a JFAGY code there",
    "CLINS-CODE-SYSTEM-UNKNOWN": "SNOMED CT, LOINC and old OIDs are not of its code systems",
    "CLINS-FIXED": "elements with one value there have another",
    "CLINS-IDENTIFIER": "a resource has its instance identifier there",
    "CLINS-REQUIRED": "elements that it demands are absent",
    "CLINS-TOO-MANY": "a Patient claims one profile there",
}


def read(folder):
    """Everything that was made, by `Type/id`."""
    made = {}
    for file in sorted(pathlib.Path(folder, "fhir_r4").glob("*.ndjson")):
        for line in file.read_text("utf-8").splitlines():
            one = json.loads(line)
            made[f"{one['resourceType']}/{one['id']}"] = one
    return made


def references(node):
    """Every reference in a resource."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "reference" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def of_patients(made):
    """The resources of each patient, and those of nobody."""
    patients = {name: [] for name in made if name.startswith("Patient/")}
    nobody = []
    for name, one in made.items():
        whose = {name} & patients.keys() or set(references(one)) & patients.keys()
        if whose:
            (patient,) = whose
            patients[patient].append(name)
        else:
            nobody.append(name)
    return patients, nobody


def insurance(made, names):
    """Insurer's number, symbol, number and branch, of the newest coverage."""
    coverages = [made[name] for name in names if name.startswith("Coverage/")]
    newest = max(coverages, key=lambda one: one["period"]["start"])
    parts = {
        one["url"].removeprefix(CORE): one["valueString"]
        for one in newest["extension"]
        if one["url"].startswith(CORE)
    }
    (insurer,) = [made[one["reference"]] for one in newest["payor"]]
    return (
        insurer["identifier"][0]["value"],
        parts.get("Symbol", ""),
        parts["Number"],
        parts.get("SubNumber", ""),
    )


def member(insurer, symbol, number, branch):
    """The member identifier of JP-CLINS."""
    return f"{insurer:0>8}:{symbol}:{number}:{branch}"


def people(made):
    """The patients as their insurers know them."""
    patients, _ = of_patients(made)
    for name, names in patients.items():
        patient = made[name]
        kanji, kana = patient["name"][0]["text"], patient["name"][1]["text"]
        address = patient["address"][0]
        yield {
            "name": kanji,
            "kana": kana,
            "gender": patient["gender"],
            "birth": patient["birthDate"],
            "member": member(*insurance(made, names)),
            "post_code": address["postalCode"].replace("-", ""),
            "address": address["text"],
        }


if sys.argv[1] == "people":
    told = list(people(read(sys.argv[2])))
    pathlib.Path(sys.argv[3]).write_text(json.dumps(told), "utf-8")
    print(f"done {len(told)}")
    sys.exit()

import requests  # noqa: E402

from fhir_steps import BASE, FOLDER, READY, done, must, token  # noqa: E402

HTTP = requests.Session()
HTTP.trust_env = False
HTTP.headers["authorization"] = "Bearer " + token()


def verified(made, patient, names):
    """What eligibility verification says of a patient: the member identifier."""
    insurer, symbol, number, branch = insurance(made, names)
    asked = {"insurer_number": insurer, "symbol": symbol, "number": number, "branch": branch}
    asked["birth_date"] = patient["birthDate"]
    asked = {key: value for key, value in asked.items() if value}
    answer = HTTP.post(READY["base"] + "/api/v1/eligibility/checks", json=asked)
    told = answer.json()
    if answer.status_code != 200 or "visit" not in told:
        raise AssertionError(f"not verified: {answer.status_code} {answer.text[:400]}")
    return member(insurer, symbol, number, branch)


def identified(made, name, names):
    """The Patient with the member identifier that was verified."""
    patient = dict(made[name])
    number = {"system": MEMBER, "value": verified(made, patient, names)}
    patient["identifier"] = [*patient["identifier"], number]
    return patient


def known(node, ids):
    """With the server's ids of what it has already."""
    if isinstance(node, dict):
        return {
            key: ids.get(value, value) if key == "reference" else known(value, ids)
            for key, value in node.items()
        }
    return [known(value, ids) for value in node] if isinstance(node, list) else node


def send(resources):
    """A transaction; the answer's status and body."""
    entry = [
        {
            "fullUrl": f"{SERVER}{one['resourceType']}/{one['id']}",
            "resource": one,
            "request": {"method": "POST", "url": one["resourceType"]},
        }
        for one in resources
    ]
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entry})
    answer = HTTP.post(
        BASE, data=body.encode(), headers={"content-type": "application/fhir+json"}
    )
    return answer.status_code, answer.json()


def mended(node):
    """Of our institution, and without the claim that it does not keep."""
    if isinstance(node, dict):
        return {
            key: [one for one in value if not one.startswith(CLAIM)]
            if key == "profile" and isinstance(value, list)
            else mended(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [mended(value) for value in node]
    own = READY["institution"]
    return {NOBODYS: own, NUMBERS: NUMBERS + own}.get(node, node) if isinstance(node, str) else node


def load(what, resources, refused):
    """All of them in a transaction, as they are and then mended; their ids here."""
    status, answer = send(resources)
    must(status == 422, f"{what}, as it is: refused ({status})")
    for issue in answer.get("issue", [])[1:]:
        rule = issue["details"]["coding"][0]["code"]
        place = (issue.get("expression") or [""])[0]
        refused[rule if place.startswith("Bundle.entry[") else f"{rule} without a place"] += 1
    status, answer = send([mended(one) for one in resources])
    if status != 200:
        must(False, f"{what}: {status} {json.dumps(answer, ensure_ascii=False)[:2000]}")
        return {}
    ids = {}
    for one, entry in zip(resources, answer["entry"], strict=True):
        place = entry["response"]["location"].removeprefix(BASE + "/").split("/")
        ids[f"{one['resourceType']}/{one['id']}"] = "/".join(place[:2])
    return ids


def everything(patient):
    """How many resources of each type the server has of a patient."""
    kinds, address = Counter(), f"{BASE}/{patient}/$everything"
    while address:
        page = HTTP.get(address).json()
        kinds.update(one["resource"]["resourceType"] for one in page.get("entry", []))
        following = [one["url"] for one in page["link"] if one["relation"] == "next"]
        address = following[0] if following else None
    return kinds


def main():
    """Everything in order."""
    made = read(f"{FOLDER}/clinosim")
    patients, nobody = of_patients(made)
    refused = Counter()
    own = load("the hospital's own", [made[name] for name in nobody], refused)
    sent = len(own)
    wrong = []
    for name, names in patients.items():
        resources = [known(made[one], own) for one in names if one != name]
        resources.insert(0, known(identified(made, name, names), own))
        ids = load(name, resources, refused)
        sent += len(ids)
        if not ids:
            continue
        kept = everything(ids[name])
        loaded = Counter(one.split("/")[0] for one in ids)
        if any(kept[kind] != count for kind, count in loaded.items()):
            wrong.append(f"{name}: {loaded - kept} of {loaded} are not there")
        look(made, names, ids, own, wrong)
    must(not wrong, f"everything that was sent is there: {wrong[:3]}")
    must(set(refused) == set(REFUSED), f"its claims are refused by what is known: {dict(refused)}")
    must(sent == len(made), f"{sent} of {len(made)} are loaded, of {len(patients)} patients")
    done()


def look(made, names, ids, own, wrong):
    """One result comes back as it was, with the references of this server."""
    results = [one for one in names if one.startswith("Observation/") and one in ids]
    if not results:
        return
    was = mended(known(made[results[0]], {**own, **ids}))
    now = HTTP.get(f"{BASE}/{ids[results[0]]}").json()
    for one in (was, now):
        one.pop("meta", None)
        one.pop("id", None)
    if was != now:
        wrong.append(f"{results[0]}: {was} became {now}")


main()
