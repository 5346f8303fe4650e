//! What a service is started with.

use crate::tokens::SigningKey;

/// What a [`Pool`](crate::Pool) is started with. Settings of user pools and app clients are not
/// here: those are made by the wire operations, as in Cognito.
#[derive(Clone, Debug)]
pub struct Options {
    /// The region that pool ids and ARNs begin with.
    pub region: String,
    /// The base of the tokens' `iss`, which is `{issuer}/{pool id}`. Cognito's own, of the region,
    /// by default.
    pub issuer: String,
    /// Where this service is reached: the base of the links in messages.
    pub endpoint: String,
    /// The key that signs tokens. [`SigningKey::development`] by default, which everybody has.
    pub key: SigningKey,
    /// Answer `CodeDeliveryFailureException`, where the API declares it, when an SMS was dropped.
    /// Cognito stays silent; off by default.
    pub strict_sms: bool,
    /// Hold the rule of the developer guide of 2017, which the service has given up: MFA can only be
    /// required at creation when email or phone number is a required attribute. Off by default.
    pub guide_2017: bool,
    /// Answer under `/_pool/`: the outbox with every code in it, and the clock. On by default.
    pub control: bool,
    /// How many requests one app client may make in one second before it gets
    /// `TooManyRequestsException`; `None` for no limit.
    pub requests_per_second: Option<u32>,
}

impl Options {
    /// The defaults for a region.
    pub fn new(region: &str) -> Self {
        Self {
            region: region.into(),
            issuer: format!("https://cognito-idp.{region}.amazonaws.com"),
            endpoint: "http://127.0.0.1:9229".into(),
            key: SigningKey::development(),
            strict_sms: false,
            guide_2017: false,
            control: true,
            requests_per_second: None,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new("eu-west-1")
    }
}
