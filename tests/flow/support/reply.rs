//! Scripted answers, in the words of the real service.

use serde_json::{Value, json};

use super::network::{Answer, Fault};

pub(crate) const ACCESS_TOKEN: &str = "access-token-1-eyJraWQi";
pub(crate) const ID_TOKEN: &str = "id-token-1-eyJraWQi";
pub(crate) const REFRESH_TOKEN: &str = "refresh-token-1-eyJjdHki";
pub(crate) const SESSION: &str = "session-string-1-AYABeI";

pub(crate) fn ok(body: Value) -> Fault {
    Fault::Answer(Answer {
        status: 200,
        error_type: None,
        body: Some(body),
    })
}

pub(crate) fn done() -> Fault {
    ok(json!({}))
}

/// A refusal, named in the body alone, as older services do.
pub(crate) fn refused(name: &str, message: &str) -> Fault {
    status(400, json!({ "__type": name, "message": message }))
}

pub(crate) fn status(status: u16, body: Value) -> Fault {
    Fault::Answer(Answer {
        status,
        error_type: None,
        body: Some(body),
    })
}

/// What is no JSON object: a proxy's page, or a body too large to be read.
pub(crate) fn unreadable(status: u16) -> Fault {
    Fault::Answer(Answer {
        status,
        error_type: None,
        body: None,
    })
}

/// An answer without a body.
pub(crate) fn empty(status: u16) -> Fault {
    self::status(status, Value::Null)
}

/// Throttling as Cognito says it.
pub(crate) fn throttled() -> Fault {
    refused("TooManyRequestsException", "Rate exceeded")
}

/// Throttling as a proxy says it.
pub(crate) fn too_many() -> Fault {
    unreadable(429)
}

/// `AuthenticationResult` of a sign-in, or of a refresh; the number tells the tokens apart.
pub(crate) fn tokens(number: u32) -> Fault {
    ok(json!({ "AuthenticationResult": token_set(number), "ChallengeParameters": {} }))
}

pub(crate) fn token_set(number: u32) -> Value {
    let of = |token: &str| token.replace('1', &number.to_string());
    json!({
        "AccessToken": of(ACCESS_TOKEN),
        "IdToken": of(ID_TOKEN),
        "RefreshToken": of(REFRESH_TOKEN),
        "ExpiresIn": 3600,
        "TokenType": "Bearer",
    })
}

/// A refresh by `REFRESH_TOKEN_AUTH`: no new refresh token.
pub(crate) fn refreshed(number: u32) -> Fault {
    let mut set = token_set(number);
    set.as_object_mut().unwrap().remove("RefreshToken");
    ok(json!({ "AuthenticationResult": set }))
}

pub(crate) fn challenge(name: &str, parameters: Value) -> Fault {
    ok(json!({ "ChallengeName": name, "Session": SESSION, "ChallengeParameters": parameters }))
}

/// A challenge of `USER_AUTH`, with all that the person can begin with.
pub(crate) fn first_factor(name: &str, parameters: Value, available: Value) -> Fault {
    ok(json!({
        "ChallengeName": name, "Session": SESSION, "ChallengeParameters": parameters,
        "AvailableChallenges": available,
    }))
}

pub(crate) fn all_factors() -> Value {
    json!(["PASSWORD", "EMAIL_OTP", "PASSWORD_SRP", "SMS_OTP"])
}

pub(crate) fn select_challenge() -> Fault {
    first_factor(
        "SELECT_CHALLENGE",
        json!({ "USERNAME": "u-1" }),
        all_factors(),
    )
}

pub(crate) fn password_challenge() -> Fault {
    first_factor("PASSWORD_SRP", json!({ "USERNAME": "u-1" }), all_factors())
}

pub(crate) fn sms_first() -> Fault {
    let parameters = json!({
        "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
        "CODE_DELIVERY_DESTINATION": "+*******1234",
        "USERNAME": "u-1",
    });
    first_factor("SMS_OTP", parameters, all_factors())
}

pub(crate) fn email_first() -> Fault {
    let parameters = json!({
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "a***@e***",
        "USERNAME": "u-1",
    });
    first_factor("EMAIL_OTP", parameters, all_factors())
}

/// The pool's options for a proof by a passkey.
pub(crate) fn request_options() -> Value {
    json!({
        "challenge": "Y2hhbGxlbmdlLW9mLXRoZS1wb29s",
        "timeout": 180_000,
        "rpId": "shop.example.com",
        "allowCredentials": [{ "type": "public-key", "id": "YWxpY2U", "transports": ["internal"] }],
        "userVerification": "required",
    })
}

pub(crate) fn passkey_parameters() -> Value {
    json!({ "USERNAME": "u-1", "CREDENTIAL_REQUEST_OPTIONS": request_options().to_string() })
}

pub(crate) fn passkey_first() -> Fault {
    let available = json!(["PASSWORD_SRP", "WEB_AUTHN", "EMAIL_OTP"]);
    first_factor("WEB_AUTHN", passkey_parameters(), available)
}

pub(crate) fn password_verifier() -> Fault {
    let parameters = json!({
        "USER_ID_FOR_SRP": "u-1",
        "SALT": "9a3b5c7d1e2f40516273849505162738",
        "SRP_B": "5".repeat(768),
        "SECRET_BLOCK": "c2VjcmV0LWJsb2NrLW9mLXRoZS1wb29s",
    });
    challenge("PASSWORD_VERIFIER", parameters)
}

pub(crate) fn wrong_credentials() -> Fault {
    refused("NotAuthorizedException", "Incorrect username or password.")
}

pub(crate) fn sms_challenge() -> Fault {
    let parameters = json!({
        "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
        "CODE_DELIVERY_DESTINATION": "+*******1234",
        "USER_ID_FOR_SRP": "alice",
    });
    challenge("SMS_MFA", parameters)
}

pub(crate) fn new_password_challenge() -> Fault {
    let parameters = json!({
        "USER_ID_FOR_SRP": "alice",
        "requiredAttributes": "[\"userAttributes.email\"]",
        "userAttributes": "{}",
    });
    challenge("NEW_PASSWORD_REQUIRED", parameters)
}

pub(crate) fn custom_challenge() -> Fault {
    let parameters = json!({ "USERNAME": "u-1", "question": "7 + 5?" });
    challenge("CUSTOM_CHALLENGE", parameters)
}

pub(crate) const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// `MFA_SETUP` with these kinds.
pub(crate) fn set_up(kinds: &[&str]) -> Fault {
    let kinds = json!(kinds).to_string();
    let parameters = json!({ "MFAS_CAN_SETUP": kinds, "USER_ID_FOR_SRP": "alice" });
    challenge("MFA_SETUP", parameters)
}

/// `SELECT_MFA_TYPE` with these kinds.
pub(crate) fn select_mfa(kinds: &[&str]) -> Fault {
    let kinds = json!(kinds).to_string();
    let parameters = json!({ "MFAS_CAN_CHOOSE": kinds, "USER_ID_FOR_SRP": "alice" });
    challenge("SELECT_MFA_TYPE", parameters)
}

/// `AssociateSoftwareToken` in a sign-in; the number tells the sessions apart.
pub(crate) fn associated(number: u32) -> Fault {
    ok(json!({ "SecretCode": TOTP_SECRET, "Session": session(number) }))
}

/// `VerifySoftwareToken` in a sign-in.
pub(crate) fn totp_verified(number: u32) -> Fault {
    ok(json!({ "Status": "SUCCESS", "Session": session(number) }))
}

pub(crate) fn session(number: u32) -> String {
    SESSION.replace('1', &number.to_string())
}

/// `GetUser` of somebody with this name, which is the `sub` as well.
pub(crate) fn user_named(name: &str) -> Fault {
    ok(json!({ "Username": name, "UserAttributes": [{ "Name": "sub", "Value": name }] }))
}

/// `GetUser` with these attributes.
pub(crate) fn user(attributes: Value) -> Fault {
    let attributes: Vec<Value> = attributes
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    ok(json!({ "Username": "alice", "UserAttributes": attributes }))
}

pub(crate) fn verified_user() -> Fault {
    user(json!({ "email": "alice@example.com", "email_verified": "true" }))
}

pub(crate) fn unverified_user() -> Fault {
    user(json!({ "email": "alice@example.com", "email_verified": "false" }))
}

pub(crate) fn code_sent(medium: &str, destination: &str, attribute: &str) -> Fault {
    ok(json!({ "CodeDeliveryDetails": {
        "DeliveryMedium": medium, "Destination": destination, "AttributeName": attribute,
    } }))
}

pub(crate) fn email_sent() -> Fault {
    code_sent("EMAIL", "a***@e***", "email")
}

pub(crate) fn signed_up() -> Fault {
    ok(
        json!({ "UserConfirmed": false, "UserSub": "sub", "CodeDeliveryDetails": {
        "DeliveryMedium": "SMS", "Destination": "+*******1234", "AttributeName": "phone_number",
    } }),
    )
}

pub(crate) fn expired_session() -> Fault {
    refused(
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
    )
}

pub(crate) fn dead_access_token() -> Fault {
    refused("NotAuthorizedException", "Access Token has been revoked")
}

/// What is answered, and the error that it is to be.
pub(crate) struct Told {
    pub(crate) fault: fn() -> Fault,
    pub(crate) code: &'static str,
}

pub(crate) const fn told(fault: fn() -> Fault, code: &'static str) -> Told {
    Told { fault, code }
}
