//! How an operation says no.

use serde_json::{Map, Value, json};

use crate::wire::{CONTENT_TYPE, Response};

/// The longest message of a refusal, in bytes. Names and values of a request stand in messages, and
/// a request may be a mebibyte.
const LONGEST_MESSAGE: usize = 4096;
/// The longest message in a header: clients take some 8,000 bytes for all headers together.
const LONGEST_IN_HEADER: usize = 1024;

/// The beginning of `text`, at most `most` bytes and the sign that it was cut.
pub(crate) fn cut(text: &str, most: usize) -> std::borrow::Cow<'_, str> {
    let fits = (0..=most.min(text.len())).rev();
    match fits.filter_map(|end| text.get(..end)).next() {
        Some(beginning) if beginning.len() < text.len() => format!("{beginning}...").into(),
        _ => text.into(),
    }
}

/// A message that is no longer than anybody reads.
pub(crate) fn bounded(message: &str) -> std::borrow::Cow<'_, str> {
    cut(message, LONGEST_MESSAGE)
}

/// An exception of the API: what an operation answers instead of a result.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// The exception's name on the wire.
    pub(crate) name: &'static str,
    pub(crate) message: String,
    /// More members of the body, such as `reasonCode`.
    members: Map<String, Value>,
    /// Whether what the operation changed so far is kept: a counted attempt outlives the refusal.
    pub(crate) keeps_changes: bool,
}

impl Refusal {
    pub(crate) fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            message: message.into(),
            members: Map::new(),
            keeps_changes: false,
        }
    }

    /// The same refusal, after which the changes made so far stay.
    pub(crate) fn keeping_changes(mut self) -> Self {
        self.keeps_changes = true;
        self
    }

    pub(crate) fn response(&self) -> Response {
        let mut body = self.members.clone();
        body.insert("__type".into(), json!(self.name));
        body.insert("message".into(), json!(bounded(&self.message)));
        let status = match self.name {
            "InternalErrorException" => 500,
            "NotImplemented" => 501,
            _ => 400,
        };
        let mut response = Response::with_json(status, CONTENT_TYPE, &Value::Object(body));
        response
            .headers
            .push(("x-amzn-errortype".into(), format!("{}:", self.name)));
        // A header holds no line breaks, and names from requests may be in a message.
        let message: String = self
            .message
            .chars()
            .filter(|c| c.is_ascii_graphic() || *c == ' ')
            .collect();
        let message = cut(&message, LONGEST_IN_HEADER).into_owned();
        response
            .headers
            .push(("x-amzn-errormessage".into(), message));
        response
    }
}

/// What an operation answers.
pub(crate) type Outcome = Result<Value, Refusal>;

/// The body of a successful operation that says nothing.
pub(crate) fn nothing() -> Value {
    json!({})
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $function:ident = $name:literal;)*) => {
        $($(#[$doc])* pub(crate) fn $function(message: impl Into<String>) -> Refusal {
            Refusal::new($name, message)
        })*
    };
}

refusals! {
    invalid_parameter = "InvalidParameterException";
    invalid_password = "InvalidPasswordException";
    not_authorized = "NotAuthorizedException";
    user_not_found = "UserNotFoundException";
    user_not_confirmed = "UserNotConfirmedException";
    username_exists = "UsernameExistsException";
    alias_exists = "AliasExistsException";
    code_mismatch = "CodeMismatchException";
    expired_code = "ExpiredCodeException";
    limit_exceeded = "LimitExceededException";
    password_reset_required = "PasswordResetRequiredException";
    password_history = "PasswordHistoryPolicyViolationException";
    resource_not_found = "ResourceNotFoundException";
    unsupported_user_state = "UnsupportedUserStateException";
    software_token_not_found = "SoftwareTokenMFANotFoundException";
    enable_software_token = "EnableSoftwareTokenMFAException";
    unsupported_token_type = "UnsupportedTokenTypeException";
    refresh_token_reuse = "RefreshTokenReuseException";
    code_delivery_failure = "CodeDeliveryFailureException";
    group_exists = "GroupExistsException";
    unexpected_trigger = "UnexpectedLambdaException";
    trigger_refused = "UserLambdaValidationException";
    bad_trigger_response = "InvalidLambdaResponseException";
    internal_error = "InternalErrorException";
    webauthn_challenge_not_found = "WebAuthnChallengeNotFoundException";
    webauthn_client_mismatch = "WebAuthnClientMismatchException";
    webauthn_configuration_missing = "WebAuthnConfigurationMissingException";
    webauthn_credential_not_supported = "WebAuthnCredentialNotSupportedException";
    webauthn_not_enabled = "WebAuthnNotEnabledException";
    webauthn_origin_not_allowed = "WebAuthnOriginNotAllowedException";
    webauthn_relying_party_mismatch = "WebAuthnRelyingPartyMismatchException";
}

/// Whether a function of the app is why, by what it said or did not say.
pub(crate) fn is_of_a_function(refusal: &Refusal) -> bool {
    matches!(
        refusal.name,
        "UnexpectedLambdaException"
            | "UserLambdaValidationException"
            | "InvalidLambdaResponseException"
    )
}

/// The user behind a name, an alias or a token is not there (any more).
pub(crate) fn no_such_user() -> Refusal {
    user_not_found("User does not exist.")
}

/// Wrong user and wrong password, not told apart.
pub(crate) fn wrong_credentials() -> Refusal {
    not_authorized("Incorrect username or password.")
}

/// More than the hourly number of attempts.
pub(crate) fn attempt_limit() -> Refusal {
    limit_exceeded("Attempt limit exceeded, please try after some time.")
}

/// A pool id that is not there.
pub(crate) fn no_such_pool(id: &str) -> Refusal {
    resource_not_found(format!("User pool {id} does not exist."))
}

/// A device that is not (or no longer) among the user's.
pub(crate) fn no_such_device() -> Refusal {
    resource_not_found("Device does not exist.")
}
