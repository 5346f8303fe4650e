//! Cognito's protocol: the JSON of requests and replies, and what its errors mean.
//!
//! Source: the service model `cognito-idp` 2016-04-18, and replies of the real service.

use crate::{
    config::Config,
    effect::Request,
    error::{Code, FlowError},
    fields::Fields,
    json::Object,
    secret::Secret,
    snapshot::{Delivery, Medium},
    text,
};

pub(crate) mod operation {
    pub(crate) const SIGN_UP: &str = "SignUp";
    pub(crate) const CONFIRM_SIGN_UP: &str = "ConfirmSignUp";
    pub(crate) const RESEND_CONFIRMATION_CODE: &str = "ResendConfirmationCode";
    pub(crate) const INITIATE_AUTH: &str = "InitiateAuth";
    pub(crate) const RESPOND_TO_AUTH_CHALLENGE: &str = "RespondToAuthChallenge";
    pub(crate) const GET_USER: &str = "GetUser";
    pub(crate) const GET_ATTRIBUTE_CODE: &str = "GetUserAttributeVerificationCode";
    pub(crate) const VERIFY_USER_ATTRIBUTE: &str = "VerifyUserAttribute";
    pub(crate) const FORGOT_PASSWORD: &str = "ForgotPassword";
    pub(crate) const CONFIRM_FORGOT_PASSWORD: &str = "ConfirmForgotPassword";
    pub(crate) const GLOBAL_SIGN_OUT: &str = "GlobalSignOut";
    pub(crate) const REVOKE_TOKEN: &str = "RevokeToken";
    pub(crate) const GET_TOKENS: &str = "GetTokensFromRefreshToken";
    pub(crate) const SET_MFA_PREFERENCE: &str = "SetUserMFAPreference";
    pub(crate) const UPDATE_ATTRIBUTES: &str = "UpdateUserAttributes";
    pub(crate) const DELETE_ATTRIBUTES: &str = "DeleteUserAttributes";
    pub(crate) const CHANGE_PASSWORD: &str = "ChangePassword";
    pub(crate) const DELETE_USER: &str = "DeleteUser";
}

/// Longer strings are nothing that a pool sends. (Session strings are at most 4096 characters,
/// tokens a few thousand.)
const LONGEST: usize = 65_536;

/// A request and the secrets in it, which no error may repeat.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) request: Request,
    pub(crate) secrets: Vec<Secret>,
}

impl Draft {
    /// For an operation that needs no token; it names the app client.
    pub(crate) fn of_client(operation: &'static str, config: &Config, body: Object) -> Self {
        Self::new(operation, body.string("ClientId", &config.client_id))
    }

    /// For an operation of a signed-in user.
    pub(crate) fn of_user(operation: &'static str, access: &Secret, body: Object) -> Self {
        Self::new(operation, body.string("AccessToken", access.secret())).hiding(access)
    }

    fn new(operation: &'static str, body: Object) -> Self {
        let request = Request {
            operation,
            body: Secret::new(body.end()),
            keepalive: false,
        };
        Self {
            request,
            secrets: Vec::new(),
        }
    }

    pub(crate) fn hiding(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    pub(crate) fn keepalive(mut self) -> Self {
        self.request.keepalive = true;
        self
    }
}

/// Adds what the app hands to the pool's triggers.
pub(crate) fn with_metadata(body: Object, config: &Config) -> Object {
    match config.client_metadata.as_slice() {
        [] => body,
        metadata => body.map("ClientMetadata", metadata),
    }
}

/// What an answer of the server was, before it is known what it means.
pub(crate) enum Answered<'a> {
    Success(&'a dyn Fields),
    Refused { name: String, message: String },
    Throttled { name: Option<String> },
    Broken,
}

/// Sorts an answer by what can be done about it.
pub(crate) fn sort<'a>(
    status: u16,
    error_type: Option<&str>,
    body: Option<&'a dyn Fields>,
) -> Answered<'a> {
    if (200..300).contains(&status) {
        return body.map_or(Answered::Broken, Answered::Success);
    }
    let read = |name| body.and_then(|body| body.string(name));
    let raw = error_type
        .map(Into::into)
        .or_else(|| read("__type"))
        .or_else(|| read("code"));
    let name = raw.as_deref().and_then(exception_name);
    if status == 429 || name.as_deref() == Some("TooManyRequestsException") {
        return Answered::Throttled { name };
    }
    match name {
        Some(name) if (400..500).contains(&status) => {
            let message = read("message")
                .or_else(|| read("Message"))
                .unwrap_or_default();
            Answered::Refused { name, message }
        }
        _ => Answered::Broken,
    }
}

/// `com.amazonaws…#Name:http://…` → `Name`.
fn exception_name(raw: &str) -> Option<String> {
    let name = text::before(raw, b":,");
    let name = text::cut_at_last(name, b'#').map_or(name, |(_, name)| name);
    plain_name(name.trim_ascii())
}

/// A name fit to be shown: letters, digits and underscores, at most 64.
pub(crate) fn plain_name(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.len() <= 64 && name.chars().all(plain)).then(|| name.into())
}

/// What an exception of an operation means for the person.
pub(crate) fn meaning(draft: &Draft, name: String, message: &str) -> FlowError {
    let lower = message.to_ascii_lowercase();
    let says = |part: &str| text::contains(&lower, part);
    let operation = draft.request.operation;
    let mut attribute = None;
    let code = match name.as_str() {
        "UserNotFoundException" => Code::WrongCredentials,
        "NotAuthorizedException" => {
            if says("attempts exceeded") {
                Code::AttemptLimit
            } else if says("disabled") {
                Code::UserDisabled
            } else if says("session") {
                if says("expired") {
                    Code::ChallengeExpired
                } else {
                    Code::ChallengeSpent
                }
            } else if says("token") {
                Code::ChallengeSpent
            } else if [
                operation::INITIATE_AUTH,
                operation::RESPOND_TO_AUTH_CHALLENGE,
                operation::CHANGE_PASSWORD,
            ]
            .contains(&operation)
            {
                Code::WrongCredentials
            } else {
                Code::InvalidParameter
            }
        }
        "CodeMismatchException" | "EnableSoftwareTokenMFAException" => Code::CodeMismatch,
        "ExpiredCodeException" => Code::CodeExpired,
        "UsernameExistsException" => Code::UserExists,
        "UserNotConfirmedException" => Code::UserNotConfirmed,
        "PasswordResetRequiredException" => Code::PasswordResetRequired,
        "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => {
            Code::InvalidPassword
        }
        "InvalidParameterException" => {
            if says("verified email or phone") {
                Code::NoVerifiedContact
            } else if says("'password'") || says("'proposedpassword'") {
                Code::InvalidPassword
            } else {
                attribute = refused_attribute(message);
                Code::InvalidParameter
            }
        }
        "UserLambdaValidationException" | "ResourceNotFoundException" => Code::InvalidParameter,
        "AliasExistsException" => Code::AliasExists,
        "CodeDeliveryFailureException" | "InvalidEmailRoleAccessPolicyException" => {
            Code::DeliveryFailed
        }
        "InvalidSmsRoleAccessPolicyException" | "InvalidSmsRoleTrustRelationshipException" => {
            Code::SmsNotConfigured
        }
        "TooManyRequestsException" => Code::Throttled,
        "LimitExceededException" | "TooManyFailedAttemptsException" => Code::AttemptLimit,
        _ => Code::Server,
    };
    let mut error = FlowError::from(code);
    let worth_telling = matches!(code, Code::InvalidPassword | Code::InvalidParameter)
        || (name == "NotAuthorizedException"
            && code == Code::WrongCredentials
            && says("temporary"));
    if worth_telling && fit_to_show(draft, message) {
        error.message = message.to_owned().into();
    }
    error.server = Some(name);
    error.attribute = attribute;
    error
}

/// The pool's words are shown unless they repeat a secret, or are no words.
fn fit_to_show(draft: &Draft, message: &str) -> bool {
    !message.is_empty()
        && message.len() <= 500
        && !draft
            .secrets
            .iter()
            .any(|secret| text::contains(message, secret.secret()))
}

/// The attribute that a message of `InvalidParameterException` complains of: `Invalid phone
/// number format.`, `Attributes did not conform to the schema: gender: The attribute is required`.
fn refused_attribute(message: &str) -> Option<String> {
    if let Some(rest) = text::after(message, "schema: ") {
        let name = text::before(rest, b":").trim_ascii();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        return (!name.is_empty() && name.len() <= 64 && name.chars().all(plain))
            .then(|| name.into());
    }
    let lower = message.to_ascii_lowercase();
    [
        ("phone number", "phone_number"),
        ("phone_number", "phone_number"),
        ("email", "email"),
    ]
    .into_iter()
    .find(|(said, _)| text::contains(&lower, said))
    .map(|(_, name)| name.into())
}

/// `CodeDeliveryDetails` of a reply.
pub(crate) fn delivery_details(reply: &dyn Fields) -> Option<Delivery> {
    delivery(&*reply.object("CodeDeliveryDetails")?)
}

/// One item of the kind of `CodeDeliveryDetails`.
pub(crate) fn delivery(details: &dyn Fields) -> Option<Delivery> {
    Some(Delivery {
        medium: wire_medium(&details.string("DeliveryMedium")?)?,
        destination: short(details.string("Destination")?)?,
        attribute: details.string("AttributeName").and_then(short),
    })
}

/// Where the code of a challenge went, from its parameters.
pub(crate) fn challenge_delivery(medium: Medium, parameters: &dyn Fields) -> Option<Delivery> {
    let said = parameters
        .string("CODE_DELIVERY_DELIVERY_MEDIUM")
        .and_then(|m| wire_medium(&m));
    Some(Delivery {
        medium: said.unwrap_or(medium),
        destination: short(parameters.string("CODE_DELIVERY_DESTINATION")?)?,
        attribute: None,
    })
}

fn wire_medium(name: &str) -> Option<Medium> {
    match name {
        "SMS" => Some(Medium::Sms),
        "EMAIL" => Some(Medium::Email),
        _ => None,
    }
}

fn short(text: String) -> Option<String> {
    (!text.is_empty() && text.len() <= 320).then_some(text)
}

/// A secret of a reply, unless it is missing, empty or absurdly long.
pub(crate) fn secret(fields: &dyn Fields, name: &str) -> Option<Secret> {
    let value = fields.string(name)?;
    (!value.is_empty() && value.len() <= LONGEST).then(|| Secret::new(value))
}

/// The attributes of a `GetUser` reply: a list of `{ Name, Value }`.
pub(crate) fn user_attributes(reply: &dyn Fields) -> Option<Vec<(String, String)>> {
    reply
        .objects("UserAttributes")?
        .iter()
        .map(|item| {
            Some((
                item.string("Name")?,
                item.string("Value").unwrap_or_default(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exceptions_name_is_cut_out_of_every_form_it_comes_in() {
        for raw in [
            "CodeMismatchException",
            "CodeMismatchException:",
            "CodeMismatchException:http://internal.amazon.com/coral/",
            "com.amazonaws.cognito#CodeMismatchException",
            "aws.protocoltests.json#CodeMismatchException:http://x/y#z",
            "CodeMismatchException,other",
        ] {
            assert_eq!(
                exception_name(raw).as_deref(),
                Some("CodeMismatchException"),
                "{raw}"
            );
        }
        for raw in ["", ":", "<html>", "#", &"x".repeat(65)] {
            assert_eq!(exception_name(raw), None, "{raw}");
        }
    }

    #[test]
    fn the_refused_attribute_is_found_in_the_pools_words() {
        for (message, attribute) in [
            ("Invalid phone number format.", Some("phone_number")),
            ("Invalid email address format.", Some("email")),
            (
                "Attributes did not conform to the schema: gender: The attribute is required\n",
                Some("gender"),
            ),
            (
                "Attributes did not conform to the schema: custom-x: too long",
                Some("custom-x"),
            ),
            ("Something else.", None),
        ] {
            assert_eq!(
                refused_attribute(message).as_deref(),
                attribute,
                "{message}"
            );
        }
    }

    #[test]
    fn a_message_that_repeats_a_secret_is_not_shown() {
        let password = Secret::from("hunter2hunter2");
        let draft = Draft::new(operation::SIGN_UP, Object::new()).hiding(&password);
        let shown = |message| meaning(&draft, "InvalidPasswordException".into(), message).message;
        assert!(!shown("Password hunter2hunter2 is too plain").contains("hunter2"));
        assert_eq!(shown("Password is too plain"), "Password is too plain");
    }
}
