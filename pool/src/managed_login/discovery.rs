//! What a pool says of itself under `/.well-known/openid-configuration`.

use serde_json::{Value, json};

use crate::options::Options;
use crate::state::UserPool;

pub(crate) fn openid_configuration(options: &Options, pool: &UserPool) -> Value {
    let issuer = format!("{}/{}", options.issuer, pool.id);
    let mut out = json!({
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    });
    // The endpoints are there once the pool has a domain.
    if let (true, Some(members)) = (pool.managed_login.has_domain(), out.as_object_mut()) {
        let base = options.endpoint.trim_end_matches('/');
        for (name, path) in [
            ("authorization_endpoint", "/oauth2/authorize"),
            ("token_endpoint", "/oauth2/token"),
            ("userinfo_endpoint", "/oauth2/userInfo"),
            ("revocation_endpoint", "/oauth2/revoke"),
            ("end_session_endpoint", "/logout"),
        ] {
            members.insert(name.into(), json!(format!("{base}{path}")));
        }
        members.insert("code_challenge_methods_supported".into(), json!(["S256"]));
    }
    out
}
