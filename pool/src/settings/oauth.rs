//! What an app client may do at the OAuth endpoints of managed login.

use serde::{Deserialize, Serialize};

use crate::error::{Refusal, invalid_parameter};
use crate::managed_login::ManagedLogin;

/// The scopes that every pool has.
const STANDARD_SCOPES: [&str; 5] = [
    "openid",
    "email",
    "phone",
    "profile",
    "aws.cognito.signin.user.admin",
];

/// The name by which users of the pool itself are meant among identity providers.
pub(crate) const OWN_USERS: &str = "COGNITO";

/// The members of an app client that are about redirects, flows and scopes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OAuthSettings {
    #[serde(rename = "CallbackURLs", skip_serializing_if = "Vec::is_empty")]
    pub(crate) callback_urls: Vec<String>,
    #[serde(rename = "LogoutURLs", skip_serializing_if = "Vec::is_empty")]
    pub(crate) logout_urls: Vec<String>,
    #[serde(rename = "DefaultRedirectURI", skip_serializing_if = "Option::is_none")]
    pub(crate) default_redirect_uri: Option<String>,
    #[serde(rename = "AllowedOAuthFlows", skip_serializing_if = "Vec::is_empty")]
    pub(crate) flows: Vec<String>,
    #[serde(rename = "AllowedOAuthScopes", skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
    #[serde(rename = "AllowedOAuthFlowsUserPoolClient")]
    pub(crate) enabled: bool,
    #[serde(
        rename = "SupportedIdentityProviders",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) providers: Vec<String>,
}

impl OAuthSettings {
    /// Whether the client may use a flow: `code` or `client_credentials`.
    pub(crate) fn allows(&self, flow: &str) -> bool {
        self.enabled && self.flows.iter().any(|allowed| allowed == flow)
    }

    /// Whether the client lets people sign in by an identity provider, `COGNITO` among them.
    pub(crate) fn supports(&self, provider: &str) -> bool {
        self.providers.iter().any(|supported| supported == provider)
    }

    /// Checks the members against each other and against what the pool has.
    pub(crate) fn check(&self, has_secret: bool, pool: &ManagedLogin) -> Result<(), Refusal> {
        for url in self.callback_urls.iter().chain(&self.logout_urls) {
            check_url(url)?;
        }
        if let Some(default) = &self.default_redirect_uri
            && !self.callback_urls.contains(default)
        {
            return Err(invalid_parameter(
                "DefaultRedirectURI must be in the list of CallbackURLs.",
            ));
        }
        let unknown = (self.providers.iter())
            .find(|name| *name != OWN_USERS && !pool.providers.contains_key(name));
        if let Some(unknown) = unknown {
            return Err(invalid_parameter(format!(
                "The provider {unknown} does not exist for the user pool."
            )));
        }
        self.check_scopes(pool)?;
        self.check_flows(has_secret)
    }

    fn check_scopes(&self, pool: &ManagedLogin) -> Result<(), Refusal> {
        let is_standard = |scope: &String| STANDARD_SCOPES.contains(&scope.as_str());
        if let Some(unknown) =
            (self.scopes.iter()).find(|scope| !is_standard(scope) && !pool.has_scope(scope))
        {
            return Err(Refusal::new(
                "ScopeDoesNotExistException",
                format!("Invalid scope: {unknown}"),
            ));
        }
        let machine = self.flows.iter().any(|flow| flow == "client_credentials");
        match self.scopes.iter().find(|scope| is_standard(scope)) {
            Some(scope) if machine => Err(invalid_flow(format!(
                "{scope} is not supported with client_credentials flow"
            ))),
            _ => Ok(()),
        }
    }

    fn check_flows(&self, has_secret: bool) -> Result<(), Refusal> {
        let has = |name: &str| self.flows.iter().any(|flow| flow == name);
        if self.enabled && (self.flows.is_empty() || self.scopes.is_empty()) {
            return Err(invalid_flow(
                "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is \
                 allowed to use OAuth flows.",
            ));
        }
        if has("client_credentials") && (has("code") || has("implicit")) {
            return Err(invalid_flow(
                "client_credentials flow can not be selected along with code flow or implicit flow.",
            ));
        }
        if has("client_credentials") && !has_secret {
            return Err(invalid_flow(
                "client_credentials flow can not be selected if client does not have a client \
                 secret.",
            ));
        }
        if (has("code") || has("implicit")) && self.callback_urls.is_empty() {
            return Err(invalid_flow(
                "code flow and implicit flow need at least one of CallbackURLs.",
            ));
        }
        Ok(())
    }
}

fn invalid_flow(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidOAuthFlowException", message)
}

/// An absolute address without a fragment; http for this machine alone.
fn check_url(url: &str) -> Result<(), Refusal> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = |scheme: &&str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && (scheme.chars()).all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let Some(scheme) = scheme.filter(is_scheme) else {
        return Err(invalid_parameter(format!("{url} is not a valid URL.")));
    };
    if url.contains('#') {
        return Err(invalid_parameter(format!(
            "{url} cannot have a fragment component."
        )));
    }
    let host = host_of(url);
    match scheme.to_ascii_lowercase().as_str() {
        "https" if host.is_none() => Err(invalid_parameter(format!("{url} is not a valid URL."))),
        "http" if !host.is_some_and(is_this_machine) => Err(invalid_parameter(format!(
            "{url} cannot use the HTTP protocol."
        ))),
        // A browser would run these rather than go there.
        "javascript" | "data" | "vbscript" | "blob" => Err(invalid_parameter(format!(
            "{url} cannot use the {scheme} protocol."
        ))),
        _ => Ok(()),
    }
}

/// Host and port of an address with an authority.
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest.get(..end)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then_some(host)
}

/// Whether a host, with its port, is this machine.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || (name.parse::<std::net::IpAddr>()).is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_come_back_to() {
        for url in [
            "https://app.example.com/callback?x=1",
            "http://localhost:8080/",
            "http://127.0.0.1",
            "http://[::1]:3000/",
            "http://app.localhost/",
            "myapp://callback",
            "com.example.app:/callback",
        ] {
            assert!(check_url(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "/callback",
            "https://",
            "https://app.example.com/#x",
            "http://app.example.com/",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "javascript:alert(1)",
            "1a://x",
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }
}
