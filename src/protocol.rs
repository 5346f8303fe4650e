//! Cognito's protocol: the JSON of requests and replies, and what its errors mean.
//!
//! Source: the service model `cognito-idp` 2016-04-18, and replies of the real service.

pub(crate) mod operation;

use crate::{
    error::{Code, FlowError},
    fields::{Fields, Pairs},
    flow::{Body, Failed},
    json,
    secret::{Secret, Text},
    snapshot::{Attribute, Delivery, Medium},
    text,
};

pub(crate) use operation::{Operation, Retry};

/// Longer strings are nothing that a pool sends. (Session strings are at most 4096 characters,
/// tokens a few thousand.)
const LONGEST: usize = 65_536;

/// What an answer of the server was, before it is known what it means.
pub(crate) enum Answered<'a> {
    Success(Fields<'a>),
    Refused { name: Text, message: Text },
    Throttled { name: Option<Text> },
    Blocked { name: Option<Text> },
    Broken { name: Option<Text> },
}

/// Sorts an answer by what can be done about it. Only the pool's own 200 is a success: a firewall or
/// a portal answers with any other 2xx, and with pages.
pub(crate) fn sort<'a>(
    operation: &Operation,
    status: u16,
    error_type: Option<&str>,
    blocked: bool,
    body: Body<'a>,
) -> Answered<'a> {
    let fields = match body {
        Body::Object(fields) => Some(fields),
        Body::Empty if operation.empty => Some(Fields::default()),
        Body::Empty | Body::Other => None,
    };
    let read = |name| fields.and_then(|fields| fields.string(name));
    let raw = error_type
        .map(Into::into)
        .or_else(|| read("__type"))
        .or_else(|| read("code"));
    let name = raw.as_deref().and_then(exception_name);
    let is = |exception: &str| name.as_deref() == Some(exception);
    if status == 429 || is("TooManyRequestsException") {
        return Answered::Throttled { name };
    }
    let of_a_firewall = matches!(status, 202 | 403 | 405) && name.is_none();
    if blocked || of_a_firewall || is("ForbiddenException") {
        return Answered::Blocked { name };
    }
    match (status, fields, name) {
        (200, Some(fields), _) => Answered::Success(fields),
        (400..500, _, Some(name)) => {
            let message = read("message").or_else(|| read("Message"));
            let message = message.unwrap_or_default();
            Answered::Refused { name, message }
        }
        (_, _, name) => Answered::Broken { name },
    }
}

/// `com.amazonaws…#Name:http://…` → `Name`.
fn exception_name(raw: &str) -> Option<Text> {
    let name = text::before(raw, b":,");
    let name = text::cut_at_last(name, b'#').map_or(name, |(_, name)| name);
    plain_name(text::trim(name))
}

/// A name fit to be shown: letters, digits, underscores and hyphens, at most 64.
pub(crate) fn plain_name(name: &str) -> Option<Text> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (!name.is_empty() && name.len() <= 64 && name.bytes().all(plain)).then(|| name.into())
}

/// What the pool refused, where the machine has to tell it apart.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Refusal {
    /// Nothing: the trouble was on the way.
    None,
    /// The access token has run out, or was revoked, or is none.
    DeadAccessToken,
    /// The refresh token, or whom it belongs to, is gone.
    DeadRefreshToken,
    /// An access token is good, and its user is gone.
    UserGone,
    /// Somebody else was faster, or an answer was lost.
    AlreadyConfirmed,
    /// The pool does not know the device (any more).
    UnknownDevice,
    /// The pool does not know the passkey (any more).
    UnknownPasskey,
    /// It may be that the pool does not take this way of refreshing.
    NotThisWay,
    /// What the error's code says.
    Other,
}

/// What an exception means, where its words and the operation do not say more.
static MEANINGS: [(&str, Code, Refusal); 23] = [
    (
        "invalid_grant",
        Code::ChallengeSpent,
        Refusal::DeadRefreshToken,
    ),
    (
        "UserNotFoundException",
        Code::InvalidParameter,
        Refusal::DeadRefreshToken,
    ),
    ("NotAuthorizedException", Code::Refused, Refusal::NotThisWay),
    (
        "InvalidParameterException",
        Code::InvalidParameter,
        Refusal::NotThisWay,
    ),
    (
        "RefreshTokenReuseException",
        Code::ChallengeSpent,
        Refusal::DeadRefreshToken,
    ),
    (
        "TokenRevokedException",
        Code::ChallengeSpent,
        Refusal::DeadRefreshToken,
    ),
    (
        "UserNotConfirmedException",
        Code::UserNotConfirmed,
        Refusal::DeadRefreshToken,
    ),
    (
        "PasswordResetRequiredException",
        Code::PasswordResetRequired,
        Refusal::DeadRefreshToken,
    ),
    ("CodeMismatchException", Code::CodeMismatch, Refusal::Other),
    (
        "EnableSoftwareTokenMFAException",
        Code::CodeMismatch,
        Refusal::Other,
    ),
    ("ExpiredCodeException", Code::CodeExpired, Refusal::Other),
    ("UsernameExistsException", Code::UserExists, Refusal::Other),
    (
        "InvalidPasswordException",
        Code::InvalidPassword,
        Refusal::Other,
    ),
    (
        "PasswordHistoryPolicyViolationException",
        Code::InvalidPassword,
        Refusal::Other,
    ),
    (
        "ResourceNotFoundException",
        Code::InvalidParameter,
        Refusal::Other,
    ),
    (
        "UserLambdaValidationException",
        Code::InvalidParameter,
        Refusal::Other,
    ),
    ("AliasExistsException", Code::AliasExists, Refusal::Other),
    (
        "CodeDeliveryFailureException",
        Code::DeliveryFailed,
        Refusal::Other,
    ),
    (
        "InvalidEmailRoleAccessPolicyException",
        Code::DeliveryFailed,
        Refusal::Other,
    ),
    (
        "InvalidSmsRoleAccessPolicyException",
        Code::SmsNotConfigured,
        Refusal::Other,
    ),
    (
        "InvalidSmsRoleTrustRelationshipException",
        Code::SmsNotConfigured,
        Refusal::Other,
    ),
    ("LimitExceededException", Code::AttemptLimit, Refusal::Other),
    (
        "TooManyFailedAttemptsException",
        Code::AttemptLimit,
        Refusal::Other,
    ),
];

/// What an exception of an operation means: for the person, and for the machine. This is the only
/// place that reads the pool's English.
#[inline(never)] // a door: scripts/lib/doors.mjs
pub(crate) fn meaning(
    operation: &Operation,
    secrets: &[Secret],
    name: Text,
    message: &str,
) -> Failed {
    let lower = message.to_ascii_lowercase();
    let says = |part: &str| text::contains(&lower, part);
    let is_dead = says("expired") || says("revoked") || says("invalid");
    let mut attribute = None;
    let mut words = None;
    let plain = MEANINGS.iter().find(|(exception, ..)| name == *exception);
    let (mut code, mut refusal) =
        plain.map_or((Code::Server, Refusal::Other), |row| (row.1, row.2));
    if let Some(problem) = name.strip_prefix("WebAuthn") {
        code = match problem {
            "NotEnabledException" | "ConfigurationMissingException" => Code::PasskeyUnsupported,
            _ => Code::PasskeyFailed,
        };
    }
    match name.as_str() {
        // The domain has no such grant for this client: the API may have.
        _ if operation.is_of_domain() && plain.is_none() => refusal = Refusal::NotThisWay,
        "UserNotFoundException" if !operation.of_client => {
            (code, refusal) = (Code::ChallengeSpent, Refusal::UserGone);
        }
        // Of a sign-in it says that the name is wrong.
        "UserNotFoundException" if operation.signs_in() => {
            code = Code::WrongCredentials;
        }
        "NotAuthorizedException" => {
            (code, refusal) = if says("attempts exceeded") {
                (Code::AttemptLimit, refusal)
            } else if says("user is disabled") {
                (Code::UserDisabled, Refusal::DeadRefreshToken)
            } else if says("invalid session") || says("session can only be used once") {
                match says("expired") {
                    true => (Code::ChallengeExpired, refusal),
                    false => (Code::ChallengeSpent, refusal),
                }
            } else if says("refresh token") && is_dead {
                (Code::ChallengeSpent, Refusal::DeadRefreshToken)
            } else if says("access token") && is_dead {
                (Code::ChallengeSpent, Refusal::DeadAccessToken)
            } else if says("incorrect") && says("password") {
                (Code::WrongCredentials, refusal)
            } else if says("current status is confirmed") {
                (code, Refusal::AlreadyConfirmed)
            } else if says("not registered") {
                (code, Refusal::UnknownPasskey)
            } else {
                (code, refusal)
            };
        }
        "ExpiredCodeException" if says("already been used") => {
            words = Some("This code was used already. Wait for the next one.");
        }
        "InvalidParameterException" => {
            if says("already confirmed") {
                refusal = Refusal::AlreadyConfirmed;
            }
            if says("verified email or phone") {
                code = Code::NoVerifiedContact;
            } else if says("'password'") || says("'proposedpassword'") {
                code = Code::InvalidPassword;
            } else {
                attribute = refused_attribute(message, &lower);
            }
        }
        "ResourceNotFoundException" if says("device") => refusal = Refusal::UnknownDevice,
        _ => {}
    }
    let message = match name.as_str() {
        "UserLambdaValidationException" => of_trigger(message),
        _ => message,
    };
    let mut error = FlowError::from(code);
    error.message = match code {
        Code::InvalidPassword
        | Code::InvalidParameter
        | Code::Refused
        | Code::PasskeyFailed
        | Code::PasskeyUnsupported => told(secrets, message),
        _ => words.map(Text::from),
    };
    error.server = Some(name);
    error.attribute = attribute;
    Failed { error, refusal }
}

/// The longest words of the pool's that are shown, in characters.
const LONGEST_WORDS: usize = 500;

/// A trigger's words without what Cognito puts around them: "PreSignUp failed with error No.." is what
/// comes of "No.".
fn of_trigger(message: &str) -> &str {
    match text::after(message, " failed with error ") {
        Some(words) => words.strip_suffix('.').unwrap_or(words),
        None => message,
    }
}

/// The words that a person came back with from another page.
pub(crate) fn words(message: &str) -> Option<Text> {
    told(&[], message)
}

/// The pool's words as they are shown: whatever repeats a secret cut out, in any case, trimmed, and as it stands in JSON.
fn told(secrets: &[Secret], message: &str) -> Option<Text> {
    let mut words = String::from(text::trim(message));
    for secret in secrets {
        let secret = secret.secret();
        for form in [secret, text::trim(secret)] {
            words = text::without(&words, form);
            words = text::without(&words, &json::escaped(form));
        }
    }
    if let Some((end, _)) = words.char_indices().nth(LONGEST_WORDS) {
        words.truncate(end);
    }
    (!words.is_empty()).then(|| words.into())
}

/// The attribute that a message of `InvalidParameterException` complains of: `Invalid phone
/// number format.`, `Attributes did not conform to the schema: custom:shop: The attribute is
/// required`. None where it is the user name that was refused (`Username should be an email.`).
fn refused_attribute(message: &str, lower: &str) -> Option<Text> {
    if let Some(rest) = text::after(message, "schema: ") {
        let after = text::after(rest, ": ").map_or(0, |after| after.len() + 2);
        let name = rest.get(..rest.len() - after).unwrap_or_default();
        // `custom:` and `dev:custom:` belong to the name.
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.');
        let is_name = !name.is_empty() && name.len() <= 64 && name.bytes().all(plain);
        return is_name.then(|| name.into());
    }
    let says = |part: &str| text::contains(lower, part);
    let attribute = if says("username") {
        return None;
    } else if says("phone number") || says("phone_number") {
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

/// A delivery as it was shown, after a reload.
pub(crate) fn kept_delivery(delivery: Fields<'_>) -> Option<Delivery> {
    Some(Delivery::new(
        Medium::parse(&delivery.string("medium")?)?,
        delivery.string("destination")?,
        delivery.string("attribute"),
    ))
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
        insert(&mut attributes, item.string("Name")?, value);
    }
    Some(attributes.into())
}

/// Puts a pair where its name belongs: attributes are in the order of their names, so that the same
/// ones are the same text, whoever listed them. Of two with one name the later one stays.
pub(crate) fn insert(pairs: &mut Vec<(Text, Text)>, name: Text, value: Text) {
    let place = place_of(pairs, &name);
    match pairs.get_mut(place) {
        Some((own, old)) if *own == name => *old = value,
        _ => pairs.insert(place, (name, value)),
    }
}

/// Takes out the pair of this name.
pub(crate) fn remove(pairs: &mut Vec<(Text, Text)>, name: &str) {
    let place = place_of(pairs, name);
    if pairs.get(place).is_some_and(|(own, _)| *own == name) {
        pairs.remove(place);
    }
}

fn place_of(pairs: &[(Text, Text)], name: &str) -> usize {
    pairs.partition_point(|(own, _)| own.as_str() < name)
}

/// What `NEW_PASSWORD_REQUIRED` wants besides: a list of names that stands as JSON in one string,
/// each after `userAttributes.`. No name has a quote or an escape in it.
pub(crate) fn required_attributes(parameters: Fields<'_>) -> Vec<Text> {
    let mut names = Vec::new();
    for name in names_in(parameters, "requiredAttributes") {
        names.push(name.strip_prefix("userAttributes.").unwrap_or(&name).into());
    }
    names
}

/// A list of plain names that stands as JSON in one string.
pub(crate) fn names_in(parameters: Fields<'_>, member: &str) -> Vec<Text> {
    let mut names = Vec::new();
    let list = parameters.string(member).unwrap_or_default();
    let mut rest = list.as_str();
    while let Some(opened) = text::after(rest, "\"") {
        let name = text::before(opened, b"\"");
        rest = opened.get(name.len() + 1..).unwrap_or_default();
        names.push(name.into());
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
                "Attributes did not conform to the schema: custom:store_name: too long",
                Some("custom:store_name"),
            ),
            (
                "Attributes did not conform to the schema: dev:custom:a-b: too long: 3",
                Some("dev:custom:a-b"),
            ),
            ("Username should be an email.", None),
            (
                "Username should be either an email or a phone number.",
                None,
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
    fn pairs_stand_in_the_order_of_their_names_each_name_once() {
        let mut pairs = Vec::new();
        for (name, value) in [("b", "1"), ("c", "2"), ("a", "3"), ("c", "4"), ("b", "5")] {
            insert(&mut pairs, name.into(), value.into());
        }
        let of = |pairs: &[(Text, Text)]| -> Vec<String> {
            let both = pairs
                .iter()
                .map(|(name, value)| [name.as_str(), value.as_str()]);
            both.map(|both| both.concat()).collect()
        };
        assert_eq!(of(&pairs), ["a3", "b5", "c4"]);
        for name in ["B", "bb", ""] {
            remove(&mut pairs, name);
        }
        assert_eq!(pairs.len(), 3);
        remove(&mut pairs, "b");
        assert_eq!(of(&pairs), ["a3", "c4"]);
    }

    fn said(message: &str, secrets: &[&str]) -> String {
        let secrets: Vec<_> = secrets.iter().map(|secret| Secret::from(*secret)).collect();
        let name = match message.contains("failed with") {
            true => "UserLambdaValidationException",
            false => "InvalidPasswordException",
        };
        let failed = meaning(&operation::SIGN_UP, &secrets, name.into(), message);
        failed.error.message().to_owned()
    }

    #[test]
    fn what_repeats_a_secret_is_cut_out_of_the_pools_words() {
        for (message, secret, shown) in [
            (
                "Password hunter2hunter2 is too plain",
                "hunter2hunter2",
                "Password … is too plain",
            ),
            (
                "HUNTER2HUNTER2 is too plain",
                "hunter2hunter2",
                "… is too plain",
            ),
            ("hunter2 is too plain", " hunter2 ", "… is too plain"),
            (r#"q\"uote is too plain"#, r#"q"uote"#, "… is too plain"),
            ("Password is too plain", "", "Password is too plain"),
            ("Password is too plain", "a", "Password is too plain"),
        ] {
            assert_eq!(said(message, &[secret]), shown, "{secret}");
        }
    }

    #[test]
    fn words_are_counted_in_characters_and_a_triggers_come_alone() {
        let long = "名".repeat(600);
        assert_eq!(said(&long, &[]).chars().count(), LONGEST_WORDS);
        let trigger = "PreSignUp failed with error Only for staff..";
        assert_eq!(said(trigger, &[]), "Only for staff.");
        assert_eq!(
            said("PreSignUp failed with error Nur hier.", &[]),
            "Nur hier"
        );
    }
}
