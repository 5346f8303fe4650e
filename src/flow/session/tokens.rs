//! The tokens: how long they are good, and what a record or a reply says of them.

use crate::{
    config::Config,
    fields::{Fields, Reader},
    flow::{calls::Outgoing, session::device::NewDevice},
    json::Object,
    protocol::{self, operation},
    secret::{Secret, Text},
    srp, text,
    time::{Deadline, Moment},
};

/// Tokens are refreshed when less than this is left of their life (or half of a short one).
const MARGIN_MS: f64 = 60_000.0;
/// Cognito's default for access tokens.
const DEFAULT_LIFETIME_S: f64 = 3600.0;
/// Access tokens live a day at most; other pools may be more generous.
const LONGEST_LIFETIME_S: f64 = 864_000.0;

#[derive(Clone)]
pub(crate) struct Tokens {
    pub(super) access: Secret,
    pub(super) id: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) expires: Deadline,
    /// How long they lived when they were new, in ms.
    lifetime: f64,
    /// The pool takes each refresh token once (`GetTokensFromRefreshToken`).
    pub(super) rotates: bool,
    /// They came by way of another page: its domain refreshes them.
    pub(super) from_redirect: bool,
}

/// A way of refreshing.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// `/oauth2/token` of the pool's domain.
    Domain,
    /// `REFRESH_TOKEN_AUTH`, which a pool that rotates refresh tokens does not have.
    InitiateAuth,
    /// `GetTokensFromRefreshToken`.
    GetTokens,
}

/// What a sign-in ends with.
pub(crate) struct NewTokens {
    pub(super) tokens: Tokens,
    pub(super) device: Option<NewDevice>,
}

impl NewTokens {
    /// Reads the `AuthenticationResult` of a sign-in.
    pub(crate) fn read(result: Fields<'_>, now: &Moment) -> Option<Self> {
        Some(Self {
            tokens: Tokens::read(result, None, now)?,
            device: NewDevice::read(result),
        })
    }

    /// The same of a sign-in on another page.
    pub(crate) fn read_redirected(result: Fields<'_>, now: &Moment) -> Option<Self> {
        let mut new = Self::read(result, now)?;
        new.tokens.from_redirect = true;
        Some(new)
    }
}

impl Tokens {
    /// Reads an `AuthenticationResult`. A refresh may leave out what has not changed.
    pub(super) fn read(result: Fields<'_>, before: Option<&Self>, now: &Moment) -> Option<Self> {
        let new_refresh = protocol::secret(result, "RefreshToken");
        // The API model lets it be left out, and some local pools do.
        let lifetime = match result.has("ExpiresIn") {
            true => result.number("ExpiresIn"),
            false => Some(DEFAULT_LIFETIME_S),
        };
        let lifetime = lifetime.filter(|s| (1.0..=LONGEST_LIFETIME_S).contains(s))? * 1000.0;
        Some(Self {
            access: protocol::secret(result, "AccessToken")?,
            id: protocol::secret(result, "IdToken")?,
            rotates: before.is_some_and(|before| {
                before.rotates
                    || new_refresh
                        .as_ref()
                        .is_some_and(|new| before.refresh.as_ref() != Some(new))
            }),
            from_redirect: before.is_some_and(|before| before.from_redirect),
            refresh: new_refresh.or_else(|| before.and_then(|before| before.refresh.clone())),
            expires: Deadline::after(now, lifetime),
            lifetime,
        })
    }

    pub(super) fn keep(&self, record: &mut Object) {
        record
            .string("accessToken", self.access.secret())
            .string("idToken", self.id.secret())
            .optional("refreshToken", self.refresh.as_ref().map(Secret::secret))
            .millis("expiresAt", self.expires.wall)
            .millis("lifetime", self.lifetime)
            .boolean("rotates", self.rotates)
            .boolean("fromRedirect", self.from_redirect);
    }

    pub(super) fn restore(reader: &mut Reader<'_>, now: &Moment) -> Option<Self> {
        let record = reader.fields();
        let lifetime = reader.number("lifetime");
        if !(1000.0..=LONGEST_LIFETIME_S * 1000.0).contains(&lifetime) {
            return None;
        }
        Some(Self {
            access: protocol::secret(record, "accessToken")?,
            id: protocol::secret(record, "idToken")?,
            refresh: protocol::secret(record, "refreshToken"),
            expires: Deadline::at_wall(reader.number("expiresAt"), lifetime, now),
            lifetime,
            rotates: reader.flag("rotates", false),
            from_redirect: reader.flag("fromRedirect", false),
        })
    }

    /// By which way they are refreshed.
    pub(super) fn way(&self, config: &Config) -> Way {
        if self.from_redirect && config.redirect.is_some() {
            Way::Domain
        } else {
            self.way_of_api()
        }
    }

    fn way_of_api(&self) -> Way {
        match self.rotates {
            true => Way::GetTokens,
            false => Way::InitiateAuth,
        }
    }

    /// The way to try after one that the pool does not take.
    pub(super) fn way_after(&self, refused: Way) -> Option<Way> {
        match refused {
            Way::Domain => Some(self.way_of_api()),
            Way::InitiateAuth => Some(Way::GetTokens),
            Way::GetTokens => None,
        }
    }

    /// The request that goes this way, where there is a refresh token.
    pub(super) fn refresh(&self, device: Option<&Text>, way: Way) -> Option<Outgoing> {
        let token = self.refresh.as_ref()?;
        let device = device.map(Text::as_str);
        let mut body = Object::new();
        if way == Way::InitiateAuth {
            body.begin("AuthParameters")
                .secret("REFRESH_TOKEN", token)
                .optional("DEVICE_KEY", device)
                .close()
                .string("AuthFlow", "REFRESH_TOKEN_AUTH");
        } else {
            body.secret("RefreshToken", token)
                .optional("DeviceKey", device);
        }
        let operation = match way {
            Way::Domain if self.rotates => &operation::TOKEN,
            Way::Domain => &operation::TOKEN_AGAIN,
            Way::InitiateAuth => &operation::INITIATE_AUTH,
            Way::GetTokens => &operation::GET_TOKENS,
        };
        Some(Outgoing::new(operation, body))
    }

    pub(super) fn are_fresh(&self, now: &Moment) -> bool {
        let margin = MARGIN_MS.min(self.lifetime / 2.0);
        let Deadline { wall, steady } = self.expires;
        !Deadline {
            wall: wall - margin,
            steady: steady - margin,
        }
        .is_over(now)
    }

    /// What the app is given of them.
    pub(super) fn session(&self) -> Secret {
        let mut shown = Object::new();
        shown
            .string("accessToken", self.access.secret())
            .string("idToken", self.id.secret())
            .time("expiresAt", self.expires);
        shown.end().0
    }

    /// A claim of the access token, where it is one that can be read and is plain ASCII. (It is not
    /// verified here: the pool made it, and whoever takes it will look.)
    pub(super) fn claim(&self, name: &str) -> Option<Text> {
        let payload = text::before(text::after(self.access.secret(), ".")?, b".");
        let mut json = String::new();
        for byte in srp::parse_base64(payload)? {
            // Names in other letters are not compared.
            json.push(if byte.is_ascii() {
                char::from(byte)
            } else {
                '\u{fffd}'
            });
        }
        let json = Secret::new(json);
        let claim = Fields::new(json.secret())?.string(name)?;
        claim.is_ascii().then_some(claim)
    }
}
