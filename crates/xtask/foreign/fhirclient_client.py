"""fhirclient, the SMART on FHIR library for Python: resources are typed, and judged by it too."""

from fhirclient import server
from fhirclient.models import observation, patient

from fhir_steps import BASE, token, walk

KINDS = {"Patient": patient.Patient, "Observation": observation.Observation}


class Client:
    """The functions that are walked through."""

    def __init__(self):
        self.server = server.FHIRServer(None, base_uri=BASE)
        self.server.session.trust_env = False
        self.server.session.headers["Authorization"] = "Bearer " + token()

    def create(self, body):
        answer = KINDS[body["resourceType"]](body).create(self.server)
        return answer

    def read(self, kind, name):
        return KINDS[kind].read(name, self.server).as_json()

    def pages(self, kind, subject, size):
        found = KINDS[kind].where({"patient": subject, "_count": str(size)})
        for page in found.perform_iter(self.server):
            yield [entry.resource.as_json() for entry in page.entry]

    def search(self, kind, query):
        return KINDS[kind].where(query).perform(self.server).as_json()

    def update(self, body):
        return KINDS[body["resourceType"]](body).update(self.server)

    def patch(self, kind, name, steps):
        # It has no patch of its own; its session does.
        answer = self.server.session.patch(
            f"{BASE}/{kind}/{name}",
            json=steps,
            headers={"content-type": "application/json-patch+json"},
        )
        answer.raise_for_status()
        return answer.json()

    def history(self, kind, name):
        return self.server.request_json(f"{kind}/{name}/_history")

    def transaction(self, body):
        return self.server.post_json(BASE, body).json()

    def everything(self, name):
        return self.server.request_json(f"Patient/{name}/$everything")

    def validate(self, body):
        return self.server.post_json(f"{body['resourceType']}/$validate", body).json()

    def outcome_of(self, error):
        return error.response.json()


walk(Client())
