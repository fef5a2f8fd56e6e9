//! What a client's library reads first: where the endpoints are and what they understand.
//!
//! Source: identity-security OA-01; RFC 8414, SMART App Launch 2.2 (conformance), OpenID
//! Connect Discovery 1.0.

use access::{identity, policy::Permission, scope::Plain};
use kernel::{Refusal, Text};
use serde_json::{Value, json};
use store::{
    Stop,
    caller::{Event, Purpose},
};
use web::{Answer, App, Body, Face, Method, Request, Route, handler, route::Handler};

static METADATA: Event = Event {
    code: "oauth.metadata",
    ja: "認可サーバーの案内",
    en: "authorization server metadata",
};

/// Address of the token endpoint.
pub const TOKEN: &str = "/oauth/token";

/// Routes about nobody.
#[must_use]
pub fn routes() -> Vec<Route> {
    let open = |path, (ja, en), handler: Handler| Route {
        method: Method::Get,
        path,
        face: Face::Api,
        permission: Permission::Public,
        event: &METADATA,
        purpose: Purpose::Operation,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    };
    let smart = ("SMARTの案内", "SMART configuration");
    vec![
        open(
            "/.well-known/smart-configuration",
            smart,
            handler!(smart_configuration),
        ),
        open(
            "/fhir/.well-known/smart-configuration",
            smart,
            handler!(smart_configuration),
        ),
        open(
            "/.well-known/oauth-authorization-server",
            ("認可サーバーの案内", "authorization server metadata"),
            handler!(authorization_server),
        ),
        open(
            "/.well-known/openid-configuration",
            ("OpenIDの案内", "OpenID provider configuration"),
            handler!(openid),
        ),
        open(
            "/oauth/jwks",
            ("IDトークンの公開鍵", "public keys of ID tokens"),
            handler!(jwks),
        ),
    ]
}

/// The names of this server that an assertion sent to `path` may be for.
#[must_use]
pub fn audiences(app: &App, path: &str) -> Vec<String> {
    let origin = &app.origin;
    vec![
        origin.clone(),
        format!("{origin}{TOKEN}"),
        format!("{origin}{path}"),
    ]
}

/// What all three documents say.
fn document(app: &App) -> Value {
    let at = |path: &str| format!("{}{path}", app.origin);
    let mut scopes: Vec<&str> = Plain::ALL.iter().map(|plain| plain.word()).collect();
    scopes.extend([
        "system/Bundle.c",
        "system/Bundle.r",
        "system/Bundle.u",
        "system/Bundle.d",
        "user/*.rs",
        "patient/*.rs",
    ]);
    let methods = json!(["private_key_jwt", "tls_client_auth"]);
    let algorithms = json!(["RS384", "ES384"]);
    json!({
        "issuer": app.origin,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at(TOKEN),
        "introspection_endpoint": at("/oauth/introspect"),
        "revocation_endpoint": at("/oauth/revoke"),
        "jwks_uri": at("/oauth/jwks"),
        "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "tls_client_certificate_bound_access_tokens": true,
        "authorization_response_iss_parameter_supported": true,
        "scopes_supported": scopes,
        "service_documentation": at("/openapi.json"),
    })
}

fn with(mut document: Value, more: Value) -> Value {
    if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
        document.extend(more);
    }
    document
}

async fn smart_configuration(request: Request) -> Result<Answer, Refusal> {
    let capabilities = json!({
        "capabilities": [
            "launch-standalone", "client-confidential-asymmetric", "sso-openid-connect",
            "context-standalone-patient", "permission-patient", "permission-user",
            "permission-v2", "permission-online", "authorize-post",
        ],
    });
    Ok(Answer::json(
        200,
        &with(document(request.app()), capabilities),
    ))
}

async fn authorization_server(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::json(200, &document(request.app())))
}

async fn openid(request: Request) -> Result<Answer, Refusal> {
    let more = json!({
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "fhirUser"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    Ok(Answer::json(200, &with(document(request.app()), more)))
}

async fn jwks(request: Request) -> Result<Answer, Refusal> {
    let keys = request
        .look_up(|call| {
            let keys = identity::keys(call)?;
            Ok::<Vec<Value>, Stop>(keys.iter().map(identity::IdentityKey::public).collect())
        })
        .await?;
    Ok(Answer::json(200, &json!({ "keys": keys })))
}
