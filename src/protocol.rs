//! Cognito's protocol: the JSON of requests and replies, and what its errors mean.
//!
//! Source: the service model `cognito-idp` 2016-04-18, and replies of the real service.

use crate::{
    error::{Code, FlowError},
    fields::{Fields, Pairs},
    flow::Body,
    secret::{Secret, Text},
    snapshot::{Attribute, Delivery, Medium},
    text,
};

/// One operation of the API, as it is called here.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// It names the app client; the others carry an access token.
    pub(crate) of_client: bool,
    /// It takes what the app hands to the pool's triggers.
    pub(crate) with_metadata: bool,
    /// A read: it may be sent again on 5xx or a lost answer. The others send a message or use
    /// something up, and are sent again on throttling alone.
    pub(crate) repeatable: bool,
}

pub(crate) mod operation {
    use super::Operation;

    const fn of_client(name: &'static str) -> Operation {
        Operation {
            name,
            of_client: true,
            with_metadata: true,
            repeatable: false,
        }
    }

    const fn of_user(name: &'static str) -> Operation {
        Operation {
            name,
            of_client: false,
            with_metadata: false,
            repeatable: false,
        }
    }

    pub(crate) static SIGN_UP: Operation = of_client("SignUp");
    pub(crate) static CONFIRM_SIGN_UP: Operation = of_client("ConfirmSignUp");
    pub(crate) static RESEND_CONFIRMATION_CODE: Operation = of_client("ResendConfirmationCode");
    pub(crate) static INITIATE_AUTH: Operation = Operation {
        repeatable: true,
        ..of_client("InitiateAuth")
    };
    pub(crate) static INITIATE_AUTH_BY_PASSWORD: Operation = of_client("InitiateAuth");
    pub(crate) static RESPOND_TO_AUTH_CHALLENGE: Operation = of_client("RespondToAuthChallenge");
    pub(crate) static GET_USER: Operation = Operation {
        repeatable: true,
        ..of_user("GetUser")
    };
    pub(crate) static GET_ATTRIBUTE_CODE: Operation = Operation {
        with_metadata: true,
        ..of_user("GetUserAttributeVerificationCode")
    };
    pub(crate) static VERIFY_USER_ATTRIBUTE: Operation = of_user("VerifyUserAttribute");
    pub(crate) static FORGOT_PASSWORD: Operation = of_client("ForgotPassword");
    pub(crate) static CONFIRM_FORGOT_PASSWORD: Operation = of_client("ConfirmForgotPassword");
    pub(crate) static GLOBAL_SIGN_OUT: Operation = of_user("GlobalSignOut");
    pub(crate) static REVOKE_TOKEN: Operation = Operation {
        with_metadata: false,
        ..of_client("RevokeToken")
    };
    pub(crate) static GET_TOKENS: Operation = of_client("GetTokensFromRefreshToken");
    pub(crate) static SET_MFA_PREFERENCE: Operation = of_user("SetUserMFAPreference");
    pub(crate) static UPDATE_ATTRIBUTES: Operation = Operation {
        with_metadata: true,
        ..of_user("UpdateUserAttributes")
    };
    pub(crate) static DELETE_ATTRIBUTES: Operation = of_user("DeleteUserAttributes");
    pub(crate) static CHANGE_PASSWORD: Operation = of_user("ChangePassword");
    pub(crate) static DELETE_USER: Operation = of_user("DeleteUser");
}

/// Longer strings are nothing that a pool sends. (Session strings are at most 4096 characters,
/// tokens a few thousand.)
const LONGEST: usize = 65_536;

/// What an answer of the server was, before it is known what it means.
pub(crate) enum Answered<'a> {
    Success(Fields<'a>),
    Refused { name: Text, message: Text },
    Throttled { name: Option<Text> },
    Broken,
}

/// Sorts an answer by what can be done about it.
pub(crate) fn sort<'a>(status: u16, error_type: Option<&str>, body: Body<'a>) -> Answered<'a> {
    let body = match body {
        Body::Empty => Fields::new("{}"),
        Body::Object(fields) => Some(fields),
        Body::Other => None,
    };
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
fn exception_name(raw: &str) -> Option<Text> {
    let name = text::before(raw, b":,");
    let name = text::cut_at_last(name, b'#').map_or(name, |(_, name)| name);
    plain_name(name.trim_ascii())
}

/// A name fit to be shown: letters, digits, underscores and hyphens, at most 64.
pub(crate) fn plain_name(name: &str) -> Option<Text> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (!name.is_empty() && name.len() <= 64 && name.bytes().all(plain)).then(|| name.into())
}

/// What an exception of an operation means for the person.
pub(crate) fn meaning(
    operation: &str,
    secrets: &[Secret],
    name: Text,
    message: &str,
    lower: &str,
) -> FlowError {
    let says = |part: &str| text::contains(lower, part);
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
                operation::INITIATE_AUTH.name,
                operation::RESPOND_TO_AUTH_CHALLENGE.name,
                operation::CHANGE_PASSWORD.name,
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
                attribute = refused_attribute(message, lower);
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
    if worth_telling && fit_to_show(secrets, message) {
        error.message = Some(message.into());
    }
    error.server = Some(name);
    error.attribute = attribute;
    error
}

/// The pool's words are shown unless they repeat a secret, or are no words.
fn fit_to_show(secrets: &[Secret], message: &str) -> bool {
    !message.is_empty()
        && message.len() <= 500
        && !secrets
            .iter()
            .any(|secret| text::contains(message, secret.secret()))
}

/// The attribute that a message of `InvalidParameterException` complains of: `Invalid phone
/// number format.`, `Attributes did not conform to the schema: gender: The attribute is required`.
fn refused_attribute(message: &str, lower: &str) -> Option<Text> {
    if let Some(rest) = text::after(message, "schema: ") {
        let name = text::before(rest, b":").trim_ascii();
        return plain_name(name);
    }
    let says = |part: &str| text::contains(lower, part);
    let attribute = if says("phone number") || says("phone_number") {
        Attribute::PhoneNumber
    } else if says("email") {
        Attribute::Email
    } else {
        return None;
    };
    Some(attribute.as_str().into())
}

/// `CodeDeliveryDetails` of a reply.
pub(crate) fn delivery_details(reply: Fields<'_>) -> Option<Delivery> {
    delivery(reply.object("CodeDeliveryDetails")?)
}

/// One item of the kind of `CodeDeliveryDetails`.
pub(crate) fn delivery(details: Fields<'_>) -> Option<Delivery> {
    Some(Delivery::new(
        wire_medium(&details.string("DeliveryMedium")?)?,
        short(details.string("Destination")?)?,
        details.string("AttributeName").and_then(short),
    ))
}

/// Where the code of a challenge went, from its parameters.
pub(crate) fn challenge_delivery(medium: Medium, parameters: Fields<'_>) -> Option<Delivery> {
    if medium == Medium::Totp {
        return None;
    }
    let said = parameters
        .string("CODE_DELIVERY_DELIVERY_MEDIUM")
        .and_then(|m| wire_medium(&m));
    let destination = short(parameters.string("CODE_DELIVERY_DESTINATION")?)?;
    Some(Delivery::new(said.unwrap_or(medium), destination, None))
}

fn wire_medium(name: &str) -> Option<Medium> {
    match name {
        "SMS" => Some(Medium::Sms),
        "EMAIL" => Some(Medium::Email),
        _ => None,
    }
}

fn short(text: Text) -> Option<Text> {
    (!text.is_empty() && text.len() <= 320).then_some(text)
}

/// A secret of a reply, unless it is missing, empty or absurdly long.
pub(crate) fn secret(fields: Fields<'_>, name: &str) -> Option<Secret> {
    let value = fields.string(name)?;
    (!value.is_empty() && value.len() <= LONGEST).then(|| Secret::new(value))
}

/// The attributes of a `GetUser` reply: a list of `{ Name, Value }`.
pub(crate) fn user_attributes(reply: Fields<'_>) -> Option<Pairs> {
    let mut attributes = Vec::new();
    for item in reply.objects("UserAttributes")? {
        let value = item.string("Value").unwrap_or_default();
        attributes.push((item.string("Name")?, value));
    }
    Some(attributes.into())
}

/// What `NEW_PASSWORD_REQUIRED` wants besides: a list of names that stands as JSON in one string,
/// each after `userAttributes.`. No name has a quote or an escape in it.
pub(crate) fn required_attributes(parameters: Fields<'_>) -> Vec<Text> {
    let mut names = Vec::new();
    let list = parameters.string("requiredAttributes").unwrap_or_default();
    let mut rest = list.as_str();
    while let Some(opened) = text::after(rest, "\"") {
        let name = text::before(opened, b"\"");
        rest = opened.get(name.len() + 1..).unwrap_or_default();
        names.push(name.strip_prefix("userAttributes.").unwrap_or(name).into());
    }
    names
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
                refused_attribute(message, &message.to_ascii_lowercase()).as_deref(),
                attribute,
                "{message}"
            );
        }
    }

    #[test]
    fn a_message_that_repeats_a_secret_is_not_shown() {
        let password = Secret::from("hunter2hunter2");
        let secrets = [password];
        let shown = |message: &str| {
            let name = "InvalidPasswordException".into();
            let error = meaning("SignUp", &secrets, name, message, message);
            error.message().to_owned()
        };
        assert!(!shown("Password hunter2hunter2 is too plain").contains("hunter2"));
        assert_eq!(shown("Password is too plain"), "Password is too plain");
    }
}
