//! What the app says once, when it makes a flow.

use crate::{
    error::FlowError,
    fields::{Fields, Pairs, pairs},
    secret::Text,
    snapshot::{Attribute, Attributes},
    text,
};

const OWNER: &str = "the options";

/// One user pool, one app client, and how to talk to them.
#[derive(Clone, Debug)]
pub struct Config {
    /// `region_name`, as `eu-west-1_AbCdEfGhI`: `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters.
    pub user_pool_id: Text,
    /// The app client's id. It must be a client without a secret.
    pub client_id: Text,
    /// Where requests are posted; the region's Cognito endpoint unless given.
    pub endpoint: Text,
    /// How the password is proven.
    pub sign_in_with: SignInWith,
    /// What is to be verified after signing in.
    pub verify: Verify,
    /// How long the session of a challenge lives, in ms.
    pub session_ms: f64,
    /// How long one request may take, in ms.
    pub timeout_ms: f64,
    /// Handed to the pool's triggers with each call that takes it.
    pub client_metadata: Pairs,
}

/// How the password is proven to the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInWith {
    /// `USER_SRP_AUTH`: the password never leaves the browser.
    Srp,
    /// `USER_PASSWORD_AUTH`: the password is sent, as migration triggers need it.
    Password,
}

/// What is to be verified after signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// In this order.
    pub attributes: Attributes,
    /// Whether the person may put it off.
    pub skippable: bool,
    /// After which sign-ins.
    pub when: VerifyWhen,
}

/// After which sign-ins the verification of attributes is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyWhen {
    /// After the one that follows a sign-up.
    AfterSignUp,
    /// After each.
    Always,
    /// After none; the page may send `verifyAttribute` itself.
    Never,
}

impl Config {
    /// Reads the options of `createFlow`; `fetch` and `storage` are the host's and not read here.
    ///
    /// # Errors
    /// `malformed`, naming the member.
    pub fn read(options: &dyn Fields) -> Result<Self, FlowError> {
        let user_pool_id = required(options, "userPoolId")?;
        let Some((region, _)) = pool_id_parts(&user_pool_id) else {
            return Err(malformed(
                "userPoolId",
                "a user pool id like eu-west-1_AbCdEfGhI",
            ));
        };
        let client_id = required(options, "clientId")?;
        let endpoint = match optional(options, "endpoint", |o, name| o.string(name), "a string")? {
            Some(endpoint)
                if ["https://", "http://", "/"]
                    .iter()
                    .any(|s| endpoint.starts_with(s)) =>
            {
                endpoint
            }
            Some(_) => return Err(malformed("endpoint", "an http or https address")),
            None => default_endpoint(region),
        };
        let sign_in_with =
            match optional(options, "signInWith", |o, name| o.string(name), "a string")?.as_deref()
            {
                None | Some("srp") => SignInWith::Srp,
                Some("password") => SignInWith::Password,
                Some(_) => return Err(malformed("signInWith", "\"srp\" or \"password\"")),
            };
        let metadata = optional(
            options,
            "clientMetadata",
            |o, name| o.object(name),
            "an object",
        )?
        .map(|o| pairs(&*o));
        let Some(client_metadata) = metadata.unwrap_or(Some(Pairs::default())) else {
            return Err(malformed("clientMetadata", "an object of strings"));
        };
        Ok(Self {
            user_pool_id,
            client_id,
            endpoint,
            sign_in_with,
            verify: Verify::read(options)?,
            session_ms: positive(options, "sessionSeconds")?.unwrap_or(180.0) * 1000.0,
            timeout_ms: positive(options, "timeoutMs")?.unwrap_or(15_000.0),
            client_metadata,
        })
    }

    /// What SRP calls the pool: the part of its id after the region.
    pub(crate) fn pool_name(&self) -> &str {
        pool_id_parts(&self.user_pool_id).map_or("", |(_, name)| name)
    }
}

impl Verify {
    fn read(options: &dyn Fields) -> Result<Self, FlowError> {
        let mut verify = Self {
            attributes: [Attribute::PhoneNumber, Attribute::Email]
                .into_iter()
                .collect(),
            skippable: true,
            when: VerifyWhen::Always,
        };
        let Some(fields) = optional(options, "verify", |o, name| o.object(name), "an object")?
        else {
            return Ok(verify);
        };
        if let Some(names) = optional(
            &*fields,
            "attributes",
            |o, name| o.strings(name),
            "a list of strings",
        )? {
            let attributes: Option<Attributes> =
                names.iter().map(|name| Attribute::parse(name)).collect();
            let Some(attributes) = attributes else {
                return Err(malformed(
                    "attributes",
                    "a list of \"email\" and \"phone_number\"",
                ));
            };
            verify.attributes = attributes;
        }
        if let Some(skippable) = optional(
            &*fields,
            "skippable",
            |o, name| o.boolean(name),
            "a boolean",
        )? {
            verify.skippable = skippable;
        }
        verify.when =
            match optional(&*fields, "when", |o, name| o.string(name), "a string")?.as_deref() {
                None | Some("always") => VerifyWhen::Always,
                Some("afterSignUp") => VerifyWhen::AfterSignUp,
                Some("never") => VerifyWhen::Never,
                Some(_) => {
                    return Err(malformed(
                        "when",
                        "\"afterSignUp\", \"always\" or \"never\"",
                    ));
                }
            };
        Ok(verify)
    }
}

/// Region and pool name: the id is cut at its last underscore.
fn pool_id_parts(id: &str) -> Option<(&str, &str)> {
    let (region, name) = text::cut_at_last(id, b'_')?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (id.len() <= 55
        && !region.is_empty()
        && !name.is_empty()
        && region.chars().all(word)
        && name.chars().all(|c| c.is_ascii_alphanumeric()))
    .then_some((region, name))
}

fn default_endpoint(region: &str) -> Text {
    let suffix = if region.starts_with("cn-") {
        ".amazonaws.com.cn/"
    } else {
        ".amazonaws.com/"
    };
    text::concat(&["https://cognito-idp.", region, suffix]).into()
}

fn required(options: &dyn Fields, name: &str) -> Result<Text, FlowError> {
    options
        .string(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| malformed(name, "a string that is not empty"))
}

fn optional<T>(
    fields: &dyn Fields,
    name: &str,
    read: impl Fn(&dyn Fields, &str) -> Option<T>,
    expected: &str,
) -> Result<Option<T>, FlowError> {
    if !fields.has(name) {
        return Ok(None);
    }
    read(fields, name)
        .map(Some)
        .ok_or_else(|| malformed(name, expected))
}

fn positive(options: &dyn Fields, name: &str) -> Result<Option<f64>, FlowError> {
    match optional(options, name, |o, name| o.number(name), "a number")? {
        Some(value) if value > 0.0 => Ok(Some(value)),
        Some(_) => Err(malformed(name, "a number above 0")),
        None => Ok(None),
    }
}

fn malformed(name: &str, expected: &str) -> FlowError {
    FlowError::malformed(OWNER, name, expected)
}
