//! Managed login: the OAuth 2.0 and OpenID Connect endpoints of a user pool's domain, and plain
//! pages at which people sign in.
//!
//! Every domain is answered at the service's own address, and under its own name where a request
//! says so in `Host`. Each request carries the whole of what the app asked for in its query, as in
//! Cognito, and is checked anew: nothing that comes from a browser is believed because a page of
//! ours may have sent it.

mod authorize;
mod cookies;
mod discovery;
mod federation;
mod login;
mod logout;
mod page;
mod parameters;
mod recover;
mod revoke;
mod sign_up;
mod state;
mod token;
mod user_info;

use crate::call::Call;
use crate::error::Refusal;
use crate::wire::{Request, Response};

pub(crate) use discovery::openid_configuration;
pub(crate) use state::{Domain, IdentityProvider, ManagedLogin, ResourceServer, Scope};

/// The name under which requests here run, where operations have theirs.
pub(crate) const OPERATION: &str = "ManagedLogin";

type Answer = Result<Response, Refusal>;

/// What answers at a path.
#[derive(Clone, Copy)]
struct Endpoint {
    path: &'static str,
    methods: &'static [&'static str],
    act: fn(&mut Call<'_>, &Request) -> Answer,
    /// What is answered when `act` was refused, and what it changed was taken back or kept.
    refuse: fn(&mut Call<'_>, &Request, &Refusal) -> Response,
}

const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/oauth2/authorize",
        methods: &["GET"],
        act: authorize::authorize,
        refuse: authorize::refused,
    },
    Endpoint {
        path: "/login",
        methods: &["GET", "POST"],
        act: login::answer,
        refuse: login::refused,
    },
    Endpoint {
        path: "/signup",
        methods: &["GET", "POST"],
        act: sign_up::answer,
        refuse: sign_up::refused,
    },
    Endpoint {
        path: "/confirm",
        methods: &["POST"],
        act: sign_up::confirm,
        refuse: sign_up::confirm_refused,
    },
    Endpoint {
        path: "/forgotPassword",
        methods: &["GET", "POST"],
        act: recover::answer,
        refuse: recover::refused,
    },
    Endpoint {
        path: "/confirmForgotPassword",
        methods: &["POST"],
        act: recover::confirm,
        refuse: recover::confirm_refused,
    },
    Endpoint {
        path: "/idp",
        methods: &["GET"],
        act: federation::ask,
        refuse: authorize::refused,
    },
    Endpoint {
        path: "/oauth2/idpresponse",
        methods: &["POST"],
        act: federation::answer,
        refuse: federation::refused,
    },
    Endpoint {
        path: "/oauth2/token",
        methods: &["POST"],
        act: token::token,
        refuse: token::refused,
    },
    Endpoint {
        path: "/oauth2/userInfo",
        methods: &["GET", "POST"],
        act: user_info::user_info,
        refuse: user_info::refused,
    },
    Endpoint {
        path: "/oauth2/revoke",
        methods: &["POST"],
        act: revoke::revoke,
        refuse: token::refused,
    },
    Endpoint {
        path: "/logout",
        methods: &["GET"],
        act: logout::logout,
        refuse: authorize::refused,
    },
    Endpoint {
        path: page::STYLE_PATH,
        methods: &["GET"],
        act: page::style,
        refuse: authorize::refused,
    },
];

/// What answers a request, if it is one for managed login.
pub(crate) struct Handler(Endpoint);

impl Handler {
    pub(crate) fn of(request: &Request) -> Option<Self> {
        endpoint(request.path_only()).map(Self)
    }

    pub(crate) fn act(&self, call: &mut Call<'_>, request: &Request) -> Answer {
        if !self.0.methods.contains(&request.method.as_str()) {
            return Ok(page::failure(
                405,
                "This address does not take such requests.",
            ));
        }
        // The address stands in each form and link of a page.
        if request.path.len() > page::LONGEST_ADDRESS {
            return Ok(page::failure(414, "The address is too long."));
        }
        (self.0.act)(call, request)
    }

    pub(crate) fn refuse(
        &self,
        call: &mut Call<'_>,
        request: &Request,
        refusal: &Refusal,
    ) -> Response {
        (self.0.refuse)(call, request, refusal)
    }
}

fn endpoint(path: &str) -> Option<Endpoint> {
    ENDPOINTS.iter().find(|known| known.path == path).copied()
}

/// The path, if managed login answers there: for the log.
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) fn known_path(path: &str) -> Option<&'static str> {
    endpoint(path).map(|endpoint| endpoint.path)
}

/// Whether pages of any origin may call a path and read its replies: those that apps call from
/// scripts. All others are for the person to see.
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) fn is_for_scripts(path: &str) -> bool {
    ["/oauth2/token", "/oauth2/userInfo", "/oauth2/revoke"].contains(&path)
}
