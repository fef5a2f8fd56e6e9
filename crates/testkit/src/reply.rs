//! What comes back from the router.

use serde_json::Value;

/// What comes back from the router.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers as text, in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The catalogue code of a refusal: of our JSON, of an OperationOutcome, or on a page.
    #[must_use]
    pub fn code(&self) -> String {
        let json = self.json();
        let ours = json.get("code").and_then(Value::as_str);
        let fhir = json
            .pointer("/issue/0/details/coding/0/code")
            .and_then(Value::as_str);
        match ours.or(fhir) {
            Some(code) => code.to_owned(),
            None => {
                let text = self.text();
                text.find("TSK-")
                    .and_then(|at| text.get(at..at + 11))
                    .unwrap_or_default()
                    .to_owned()
            }
        }
    }

    /// A header's value; empty when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(k, _)| k == name)
            .map_or("", |(_, v)| v)
    }
}
