//! What the app says once, when it makes a flow.

use crate::{
    error::FlowError,
    fields::{Pairs, Reader},
    secret::Text,
    snapshot::{Attribute, Attributes},
    text,
};

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
    /// Whether a device that the pool tracks is confirmed, kept and named at each refresh.
    pub devices: bool,
    /// What `ConfirmDevice` calls this device.
    pub device_name: Option<Text>,
    /// What an authenticator app calls where its codes are for.
    pub issuer: Option<Text>,
    /// Signing in by leaving the page, where there is a domain to go to.
    pub redirect: Option<Redirect>,
    /// How long the session of a challenge lives, in ms.
    pub session_ms: f64,
    /// How long one request may take, in ms.
    pub timeout_ms: f64,
    /// Handed to the pool's triggers with each call that takes it.
    pub client_metadata: Pairs,
}

/// What the machine has to know of the option `redirect`; its addresses are the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Signing out leaves the page as well.
    pub signs_out: bool,
}

/// How the password is proven to the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInWith {
    /// `USER_SRP_AUTH`: the password never leaves the browser.
    Srp,
    /// `USER_PASSWORD_AUTH`: the password is sent, as migration triggers need it.
    Password,
    /// `USER_AUTH`: the pool says what the person can begin with.
    Choice,
    /// `CUSTOM_AUTH`: challenges of the pool's own.
    Custom,
    /// `CUSTOM_AUTH`, after the password is proven by SRP.
    CustomAfterSrp,
}

impl SignInWith {
    /// Whether a sign-in cannot begin without one.
    pub(crate) fn needs_password(self) -> bool {
        match self {
            Self::Srp | Self::Password | Self::CustomAfterSrp => true,
            Self::Choice | Self::Custom => false,
        }
    }

    /// Whether a password, where one is given, is proven by SRP.
    pub(crate) fn may_prove(self) -> bool {
        match self {
            Self::Srp | Self::CustomAfterSrp | Self::Choice => true,
            Self::Password | Self::Custom => false,
        }
    }
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
    /// Reads the options of `createFlow` from JSON; `fetch` and `storage` are the host's and not read here.
    ///
    /// # Errors
    /// `malformed`, naming the member.
    pub fn read(json: &str) -> Result<Self, FlowError> {
        let mut reader = Reader::of(json);
        let user_pool_id = reader.text("userPoolId");
        let region = match pool_id_parts(&user_pool_id) {
            Some((region, _)) => region,
            None => {
                reader.complain("userPoolId", "a user pool id like eu-west-1_AbCdEfGhI");
                ""
            }
        };
        let client_id = reader.text("clientId");
        if client_id.is_empty() {
            reader.complain("clientId", "a string that is not empty");
        }
        let endpoint = reader.optional_text("endpoint");
        let endpoint = endpoint.unwrap_or_else(|| default_endpoint(region));
        if !is_endpoint(&endpoint) {
            let expected = "an https address, a path of this page's origin, or http on loopback";
            reader.complain("endpoint", expected);
        }
        let ways = "\"srp\", \"password\", \"choice\", \"custom\" or \"customAfterSrp\"";
        let sign_in_with = match reader.choice("signInWith", ways) {
            None | Some(0) => SignInWith::Srp,
            Some(1) => SignInWith::Password,
            Some(2) => SignInWith::Choice,
            Some(3) => SignInWith::Custom,
            Some(_) => SignInWith::CustomAfterSrp,
        };
        let config = Self {
            client_id,
            endpoint,
            sign_in_with,
            verify: Verify::read(&mut reader),
            devices: reader.choice("devices", "\"on\" or \"off\"") != Some(1),
            device_name: reader.optional_text("deviceName"),
            issuer: reader.optional_text("issuer"),
            redirect: reader.fields().object("redirect").map(|redirect| Redirect {
                signs_out: redirect.has("signOutUri"),
            }),
            session_ms: reader.positive("sessionSeconds", 180.0) * 1000.0,
            timeout_ms: reader.positive("timeoutMs", 15_000.0),
            client_metadata: reader.pairs("clientMetadata"),
            user_pool_id,
        };
        reader.finish("the options", config)
    }

    /// What SRP calls the pool: the part of its id after the region.
    pub(crate) fn pool_name(&self) -> &str {
        pool_id_parts(&self.user_pool_id).map_or("", |(_, name)| name)
    }
}

impl Verify {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut verify = Self {
            attributes: Attributes::ALL,
            skippable: true,
            when: VerifyWhen::Always,
        };
        let Some(fields) = reader.fields().object("verify") else {
            if reader.fields().has("verify") {
                reader.complain("verify", "an object");
            }
            return verify;
        };
        let mut inner = Reader::new(fields);
        if fields.has("attributes") {
            let names = inner.texts("attributes");
            if names.iter().any(|name| Attribute::parse(name).is_none()) {
                inner.complain("attributes", "a list of \"email\" and \"phone_number\"");
            }
            verify.attributes = Attributes::named(&names);
        }
        verify.skippable = inner.flag("skippable", true);
        let times = "\"afterSignUp\", \"always\" or \"never\"";
        verify.when = match inner.choice("when", times) {
            Some(0) => VerifyWhen::AfterSignUp,
            None | Some(1) => VerifyWhen::Always,
            Some(_) => VerifyWhen::Never,
        };
        reader.take_over(inner);
        verify
    }
}

/// Region and pool name: the id is cut at its last underscore.
fn pool_id_parts(id: &str) -> Option<(&str, &str)> {
    let (region, name) = text::cut_at_last(id, b'_')?;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (id.len() <= 55
        && !region.is_empty()
        && !name.is_empty()
        && region.bytes().all(word)
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    .then_some((region, name))
}

/// Whether requests with a password may go there: by https, to this page's own origin, or to this
/// machine. A browser takes `//host` and `/\host` for another origin, and drops tabs and line breaks
/// before it looks.
fn is_endpoint(address: &str) -> bool {
    if address.bytes().any(|byte| byte <= b' ' || byte == b'\\') {
        return false;
    }
    if let Some(path) = address.strip_prefix('/') {
        return !path.starts_with('/');
    }
    let (rest, plain) = match (
        address.strip_prefix("https://"),
        address.strip_prefix("http://"),
    ) {
        (Some(rest), _) => (rest, false),
        (_, Some(rest)) => (rest, true),
        _ => return false,
    };
    let authority = text::before(rest, b"/?#");
    // A name before the host is shown for the host, and refused by `fetch`.
    !authority.is_empty() && !authority.contains('@') && (!plain || is_loopback(authority))
}

fn is_loopback(authority: &str) -> bool {
    if authority == "[::1]" || authority.starts_with("[::1]:") {
        return true;
    }
    let host = text::before(authority, b":");
    let digits = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.") && host.bytes().all(digits)
}

fn default_endpoint(region: &str) -> Text {
    let suffix = if region.starts_with("cn-") {
        ".amazonaws.com.cn/"
    } else if region.starts_with("eusc-") {
        // The European Sovereign Cloud.
        ".amazonaws.eu/"
    } else {
        ".amazonaws.com/"
    };
    text::concat(&["https://cognito-idp.", region, suffix]).into()
}
