//! What the function PreTokenGeneration makes of tokens before they are signed.
//!
//! Version 2 of the event customizes both tokens, version 1 the ID token: the developer guide's "Pre
//! token generation Lambda trigger".

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::issue::preferred_role;
use crate::call::{Call, Input, SELF_SERVICE, Who};
use crate::error::Refusal;

/// Claims that no function may touch; nor any other with the prefix `cognito:` but those below.
const FIXED: [&str; 20] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "client_id",
    "device_key",
    "event_id",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "sub",
    "token_use",
    "version",
];
const GROUPS: &str = "cognito:groups";
const ROLES: &str = "cognito:roles";
const PREFERRED_ROLE: &str = "cognito:preferred_role";

/// Why tokens are issued: `triggerSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    Authentication,
    NewPassword,
    AuthenticatedDevice,
    Refresh,
    /// Managed login.
    HostedAuth,
}

impl Occasion {
    /// Of a sign-in whose last answer was to that challenge.
    pub(crate) fn after(challenge: &str) -> Self {
        match challenge {
            "NEW_PASSWORD_REQUIRED" => Self::NewPassword,
            "DEVICE_PASSWORD_VERIFIER" => Self::AuthenticatedDevice,
            _ => Self::Authentication,
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Authentication => "TokenGeneration_Authentication",
            Self::NewPassword => "TokenGeneration_NewPasswordChallenge",
            Self::AuthenticatedDevice => "TokenGeneration_AuthenticateDevice",
            Self::Refresh => "TokenGeneration_RefreshTokens",
            Self::HostedAuth => "TokenGeneration_HostedAuth",
        }
    }

    /// Whether the function sees the request's `ClientMetadata`: the API model says it of
    /// RespondToAuthChallenge and GetTokensFromRefreshToken, and denies it of InitiateAuth.
    pub(crate) fn passes_metadata(operation: &str) -> bool {
        !matches!(operation, "InitiateAuth" | "AdminInitiateAuth")
    }
}

/// What the function wants changed: `claimsAndScopeOverrideDetails`.
#[derive(Default)]
pub(crate) struct Changes(Value);

impl Call<'_> {
    /// Asks PreTokenGeneration. Called before anything is kept of the tokens: it may refuse them.
    pub(crate) fn pre_token_generation(
        &mut self,
        who: &Who,
        occasion: Occasion,
        input: &Value,
    ) -> Result<Changes, Refusal> {
        let scopes = [SELF_SERVICE.to_owned()].into();
        self.pre_token_generation_for(who, occasion, input, &scopes)
    }

    /// The same, for tokens of these scopes.
    pub(crate) fn pre_token_generation_for(
        &mut self,
        who: &Who,
        occasion: Occasion,
        input: &Value,
        scopes: &BTreeSet<String>,
    ) -> Result<Changes, Refusal> {
        let groups = self.groups_by_precedence(who)?;
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        let roles: Vec<&str> = (groups.iter())
            .filter_map(|group| group.role_arn.as_deref())
            .collect();
        let metadata = (input.get("ClientMetadata"))
            .filter(|_| Occasion::passes_metadata(self.operation))
            .cloned();
        let request = json!({
            "scopes": scopes,
            "groupConfiguration": {
                "groupsToOverride": names,
                "iamRolesToOverride": roles,
                "preferredRole": preferred_role(&groups),
            },
            "clientMetadata": metadata.unwrap_or_default(),
        });
        let mut response = self
            .trigger("PreTokenGeneration", occasion.source(), who, request)?
            .unwrap_or_default();
        let mut take = |member: &str| response.get_mut(member).map(Value::take);
        let details = take("claimsAndScopeOverrideDetails").filter(Value::is_object);
        let details = details.or_else(|| take("claimsOverrideDetails").map(as_version_2));
        Ok(Changes(details.unwrap_or_default()))
    }
}

/// What a function of version 1 answers, as one of version 2 would: it changes the claims of the ID
/// token alone, and the groups of both.
fn as_version_2(mut details: Value) -> Value {
    let mut take = |member: &str| {
        let part = details.get_mut(member).map(Value::take);
        part.unwrap_or_default()
    };
    json!({
        "idTokenGeneration": {
            "claimsToAddOrOverride": take("claimsToAddOrOverride"),
            "claimsToSuppress": take("claimsToSuppress"),
        },
        "groupOverrideDetails": take("groupOverrideDetails"),
    })
}

impl Changes {
    /// Changes the claims of an access token.
    pub(crate) fn of_access(&self, claims: &mut Map<String, Value>) {
        self.groups(claims);
        let Some(part) = self.0.get("accessTokenGeneration") else {
            return;
        };
        self.claims(claims, part);
        let (added, withheld) = (part.texts("scopesToAdd"), part.texts("scopesToSuppress"));
        let scope = claims.remove("scope").unwrap_or_default();
        let mut scopes: Vec<&str> = scope.as_str().unwrap_or_default().split(' ').collect();
        scopes.extend(added.iter().map(String::as_str));
        scopes.retain(|scope| !scope.is_empty() && !withheld.iter().any(|it| it == scope));
        if !scopes.is_empty() {
            claims.insert("scope".into(), json!(scopes.join(" ")));
        }
    }

    /// Changes the claims of an ID token.
    pub(crate) fn of_id(&self, claims: &mut Map<String, Value>) {
        self.groups(claims);
        self.replace(claims, "iamRolesToOverride", ROLES);
        self.replace(claims, "preferredRole", PREFERRED_ROLE);
        if let Some(part) = self.0.get("idTokenGeneration") {
            self.claims(claims, part);
        }
    }

    /// What is both added and suppressed is not there.
    fn claims(&self, claims: &mut Map<String, Value>, part: &Value) {
        let may_change = |name: &str| {
            let fixed = FIXED.contains(&name);
            !fixed
                && (!name.starts_with("cognito:")
                    || [GROUPS, ROLES, PREFERRED_ROLE].contains(&name))
        };
        let added = part.get("claimsToAddOrOverride").and_then(Value::as_object);
        for (name, value) in added.into_iter().flatten() {
            // Scopes have members of their own.
            if may_change(name) && name != "scope" {
                claims.insert(name.clone(), value.clone());
            }
        }
        for name in part.texts("claimsToSuppress") {
            if may_change(&name) && name != "scope" {
                claims.remove(&name);
            }
        }
    }

    fn groups(&self, claims: &mut Map<String, Value>) {
        self.replace(claims, "groupsToOverride", GROUPS);
    }

    fn overridden(&self, member: &str) -> Option<&Value> {
        let value = self.0.get("groupOverrideDetails")?.get(member)?;
        Some(value).filter(|value| !value.is_null())
    }

    fn replace(&self, claims: &mut Map<String, Value>, member: &str, claim: &str) {
        if let Some(value) = self.overridden(member) {
            claims.insert(claim.into(), value.clone());
        }
    }
}
