//! What managed login keeps in a user pool.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::table::{Ages, Table};

/// Domains, identity providers and resource servers, and what is under way.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ManagedLogin {
    /// By domain.
    pub(crate) domains: Table<Domain>,
    /// By name.
    pub(crate) providers: Table<IdentityProvider>,
    /// By identifier.
    pub(crate) resource_servers: Table<ResourceServer>,
    /// By SHA-256 of the code.
    pub(crate) codes: Table<Grant>,
    /// By SHA-256 of the cookie.
    pub(crate) browsers: Table<Browser>,
}

impl ManagedLogin {
    pub(crate) fn has_domain(&self) -> bool {
        self.domains.len() > 0
    }

    /// The provider of that name, or of that identifier.
    pub(crate) fn provider_for(&self, identifier: &str) -> Option<&IdentityProvider> {
        let has = |provider: &&IdentityProvider| {
            let identifiers = &provider.identifiers;
            identifiers.iter().any(|known| known == identifier)
        };
        self.providers.values().find(has)
    }

    /// Whether a resource server has that scope, `identifier/name`.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        scope.rsplit_once('/').is_some_and(|(identifier, name)| {
            let server = self.resource_servers.get(identifier);
            server.is_some_and(|server| server.scopes.iter().any(|scope| scope.name == name))
        })
    }
}

/// A domain at which managed login is reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Domain {
    /// A prefix of AWS's own domain, or a whole name.
    pub(crate) name: String,
    /// `CustomDomainConfig`, of a domain of one's own.
    pub(crate) custom: Option<Value>,
    pub(crate) managed_login_version: u64,
    pub(crate) routing: Option<Value>,
}

impl Domain {
    pub(crate) fn is_custom(&self) -> bool {
        self.custom.is_some()
    }
}

/// Somebody else who says who a person is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct IdentityProvider {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// Kept as they came. A client secret is among them.
    pub(crate) details: BTreeMap<String, String>,
    /// From the attribute here to the one there.
    pub(crate) mapping: BTreeMap<String, String>,
    pub(crate) identifiers: Vec<String>,
    pub(crate) acr_mapping: Option<Value>,
    pub(crate) created: u64,
    pub(crate) modified: u64,
}

/// An API with scopes of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ResourceServer {
    pub(crate) identifier: String,
    pub(crate) name: String,
    pub(crate) scopes: Vec<Scope>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Scope {
    #[serde(rename = "ScopeName")]
    pub(crate) name: String,
    #[serde(rename = "ScopeDescription")]
    pub(crate) description: String,
}

/// What an authorization code stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    /// The key of the user.
    pub(crate) user: String,
    /// The user's `sub`: a name may be given to somebody else meanwhile.
    pub(crate) sub: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) code_challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// When the person signed in, which may have been for another code.
    pub(crate) auth_time: u64,
    pub(crate) expires: u64,
}

/// A browser in which somebody has signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Browser {
    /// The key of the user.
    pub(crate) user: String,
    /// The user's `sub`: a name may be given to somebody else meanwhile.
    pub(crate) sub: String,
    /// The identity provider, where one vouched for the user.
    pub(crate) provider: Option<String>,
    pub(crate) auth_time: u64,
    pub(crate) expires: u64,
}

impl Ages for Domain {}

impl Ages for IdentityProvider {}

impl Ages for ResourceServer {}

impl Ages for Grant {
    fn due(&self) -> Option<u64> {
        Some(self.expires)
    }
}

impl Ages for Browser {
    fn due(&self) -> Option<u64> {
        Some(self.expires)
    }
}
