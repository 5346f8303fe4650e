//! What a request says in its query, its form and its headers.

use crate::call::{App, Call};
use crate::settings::host_of;
use crate::wire::{Request, percent_decoded, percent_encoded};

/// Names and values in the order in which they came.
#[derive(Clone, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn of_query(request: &Request) -> Self {
        let query = request.path.split_once('?').map_or("", |(_, query)| query);
        Self::parsed(query)
    }

    pub(super) fn of_form(request: &Request) -> Self {
        Self::parsed(&String::from_utf8_lossy(&request.body))
    }

    fn parsed(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decoded(name), percent_decoded(value))
        };
        Self(pairs.map(pair).collect())
    }

    /// A value that is there; an empty one is none, as RFC 6749 has it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Those whose name begins so, without that beginning.
    pub(super) fn beginning(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        (self.0.iter())
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Whether one is there twice, which RFC 6749 forbids.
    pub(super) fn repeats(&self) -> bool {
        let names: std::collections::BTreeSet<&str> =
            self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.len() < self.0.len()
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// As a query or a form has them.
    pub(super) fn encoded(&self) -> String {
        let pair = |(name, value): &(String, String)| {
            format!("{}={}", percent_encoded(name), percent_encoded(value))
        };
        self.0.iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

/// Whether the request came from a page of this host, or says nothing about where from.
pub(super) fn is_from_here(request: &Request) -> bool {
    match (request.header("origin"), request.header("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            host_of(origin).is_some_and(|it| it.eq_ignore_ascii_case(host))
        }
        (Some(_), None) => false,
    }
}

/// The app of a client id, if its pool has a domain, and the request was not sent to the domain of
/// another one.
pub(super) fn app_at(call: &Call<'_>, request: &Request, client_id: &str) -> Option<App> {
    let app = call.app_of(client_id).ok()?;
    let pool = call.pool(&app.pool_id).ok()?;
    if !pool.managed_login.has_domain() {
        return None;
    }
    match pool_of_host(call, request) {
        Some(other) if other != app.pool_id => None,
        _ => Some(app),
    }
}

/// The pool whose domain the request was sent to.
fn pool_of_host(call: &Call<'_>, request: &Request) -> Option<String> {
    let host = request.header("host")?;
    let name = host.split(':').next()?.to_ascii_lowercase();
    let is = |domain: &super::Domain| {
        domain.name == name
            || !domain.is_custom()
                && (name.strip_prefix(&domain.name)).is_some_and(|rest| {
                    // AWS's own names, and what browsers take for this machine.
                    rest == ".localhost"
                        || rest.starts_with(".auth") && rest.ends_with(".amazoncognito.com")
                })
    };
    let pools = call.state.pools.values();
    let found = pools
        .filter(|pool| pool.managed_login.domains.values().any(is))
        .map(|pool| pool.id.clone());
    found.into_iter().next()
}
