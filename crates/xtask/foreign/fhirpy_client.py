"""fhirpy, as a vendor's Python would use it."""

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome

from fhir_steps import BASE, token, walk

OWN = SyncFHIRClient(BASE, authorization="Bearer " + token())


class Client:
    """The functions that are walked through."""

    def create(self, body):
        return OWN.resource(**body, resource_type=body["resourceType"]).create().serialize()

    def read(self, kind, name):
        return OWN.reference(kind, name).to_resource().serialize()

    def pages(self, kind, patient, size):
        bundle = OWN.resources(kind).search(patient=patient).limit(size).fetch_raw()
        while True:
            yield [entry["resource"] for entry in bundle["entry"]]
            following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
            if not following:
                return
            bundle = OWN.execute(following[0], method="get")

    def search(self, kind, query):
        return OWN.execute(kind, method="get", params=query)

    def update(self, body):
        return OWN.resource(**body, resource_type=body["resourceType"]).update().serialize()

    def patch(self, kind, name, steps):
        # Its own patch: the members that change, as plain JSON.
        changes = {step["path"].removeprefix("/"): step["value"] for step in steps}
        return OWN.reference(kind, name).patch(**changes).serialize()

    def history(self, kind, name):
        return OWN.execute(f"{kind}/{name}/_history", method="get")

    def transaction(self, body):
        return OWN.execute("", method="post", data=body)

    def everything(self, name):
        return OWN.reference("Patient", name).execute("$everything", method="get")

    def validate(self, body):
        return OWN.execute(f"{body['resourceType']}/$validate", method="post", data=body)

    def outcome_of(self, error):
        return error.resource if isinstance(error, OperationOutcome) else None


walk(Client())
