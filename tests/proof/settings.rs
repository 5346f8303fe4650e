//! The pools that are searched, each with how the flow in front of it is set up.

use cognito_flow::EventType;
use cognito_pool::{Options, Triggers};
use serde_json::{Value, json};

use crate::{
    domain,
    search::Setting,
    support::{
        Authenticator, Clock, EMAIL, LocalPool, OTHER, OTHER_PASSWORD, PASSWORD, PHONE, USER,
        World, event, merge, sign_in, sms_configuration, submit,
    },
};

/// People who come with an account; the sign-up and the forgotten password have settings of their own.
const WITH_ACCOUNT: &[EventType] = &[
    EventType::SignUp,
    EventType::ConfirmSignUp,
    EventType::ForgotPassword,
];

/// The same, and their contacts are not verified anew.
const NOTHING_BUT_IN_AND_OUT: &[EventType] = &[
    EventType::SignUp,
    EventType::ConfirmSignUp,
    EventType::ForgotPassword,
    EventType::VerifyAttribute,
];

/// Every one of them.
pub(crate) fn all() -> impl Iterator<Item = Setting> {
    let all: [fn() -> Setting; 29] = [
        sign_up,
        verification,
        sign_up_without_password,
        sms_code,
        authenticator_app,
        set_up_of_either,
        temporary_password,
        forgotten_password,
        rotation,
        choice,
        without_storage,
        srp,
        tracked_device,
        device_asked_for,
        custom_challenge,
        custom_after_srp,
        passkey,
        account,
        administrator,
        two_tabs,
        two_tabs_with_codes,
        two_people,
        anothers_email,
        unverified_contact,
        nothing_left_to_spend,
        sign_up_without_message,
        role_without_trust,
        wrong_passwords,
        redirect,
    ];
    all.into_iter().map(|make| make())
}

/// The one of this name.
pub(crate) fn named(name: &str) -> Setting {
    all().find(|setting| setting.name == name).unwrap()
}

/// Alice, with both contacts verified, in a pool with these settings.
fn alice_in(settings: Value, client: Value) -> LocalPool {
    let pool = LocalPool::with(settings, client);
    let attributes = json!({
        "phone_number": PHONE, "phone_number_verified": "true",
        "email": EMAIL, "email_verified": "true",
    });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

fn by_password(name: &'static str, pool: LocalPool) -> Setting {
    Setting {
        name,
        pool,
        options: json!({ "signInWith": "password" }),
        storage: true,
        tabs: 1,
        people: &[USER],
        without: WITH_ACCOUNT,
        without_password: false,
        calls: &[],
        administrator: &[],
        passkeys: false,
        key: None,
        prepare: |_| {},
        first: &[],
        weight: 1,
        reaches: &["signedIn", "signedOut"],
        meets: &[],
    }
}

fn sms_mfa() -> Value {
    json!({ "MfaConfig": { "MfaConfiguration": "ON", "SmsMfaConfiguration": {
        "SmsConfiguration": sms_configuration() } },
        "Schema": [{ "Name": "phone_number", "Required": true }] })
}

fn rotating(grace: u32) -> Value {
    json!({
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": grace },
    })
}

fn first_factors(factors: Value) -> Value {
    json!({ "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": factors } } })
}

fn by_choice() -> Value {
    json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] })
}

pub(crate) fn sign_up() -> Setting {
    Setting {
        without: &[EventType::ForgotPassword],
        reaches: &["confirmSignUp"],
        ..by_password("a sign-up", LocalPool::new())
    }
}

/// From where the code is right, so that the search sees what comes then.
pub(crate) fn verification() -> Setting {
    Setting {
        first: &[
            |_| crate::support::sign_up(crate::support::phone_and_email()),
            |code| crate::support::confirm(code),
        ],
        reaches: &["verifyAttribute", "signedIn"],
        ..by_password("verifying after a sign-up", LocalPool::new())
    }
}

pub(crate) fn sign_up_without_password() -> Setting {
    let settings = first_factors(json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]));
    Setting {
        options: json!({ "signInWith": "choice" }),
        without: &[EventType::ForgotPassword, EventType::SubmitPassword],
        without_password: true,
        reaches: &["confirmSignUp"],
        ..by_password(
            "a sign-up without a password",
            LocalPool::with(settings, by_choice()),
        )
    }
}

pub(crate) fn sms_code() -> Setting {
    Setting {
        reaches: &["mfaCode", "signedIn"],
        ..by_password("a code by SMS", alice_in(sms_mfa(), json!({})))
    }
}

pub(crate) fn authenticator_app() -> Setting {
    let required = json!({ "MfaConfig": { "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": { "Enabled": true } } });
    Setting {
        reaches: &["setUpTotp"],
        ..by_password("an authenticator app", alice_in(required, json!({})))
    }
}

/// Either can be set up, and alice has neither.
pub(crate) fn set_up_of_either() -> Setting {
    Setting {
        reaches: &["selectFactor", "setUpTotp", "setUpEmail"],
        ..by_password(
            "setting up either of two factors",
            LocalPool::to_set_up_either(),
        )
    }
}

pub(crate) fn temporary_password() -> Setting {
    let pool = LocalPool::new();
    let invited = json!({ "Username": USER, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "email", "Value": EMAIL }] });
    pool.admin("AdminCreateUser", invited, Clock::new().wall);
    Setting {
        reaches: &["newPassword", "signedIn"],
        ..by_password("a temporary password", pool)
    }
}

pub(crate) fn forgotten_password() -> Setting {
    Setting {
        without: &[EventType::SignUp, EventType::ConfirmSignUp],
        reaches: &["resetPassword", "signedIn"],
        ..by_password("a forgotten password", alice_in(json!({}), json!({})))
    }
}

pub(crate) fn rotation() -> Setting {
    by_password("rotating tokens", alice_in(json!({}), rotating(0)))
}

pub(crate) fn choice() -> Setting {
    let settings = first_factors(json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]));
    Setting {
        options: json!({ "signInWith": "choice" }),
        // Each way would repeat its proof: see the setting by SRP.
        without: &[
            EventType::SignUp,
            EventType::ConfirmSignUp,
            EventType::ForgotPassword,
            EventType::SubmitPassword,
        ],
        reaches: &["selectFactor", "signInCode", "password"],
        ..by_password("the choice of a factor", alice_in(settings, by_choice()))
    }
}

pub(crate) fn without_storage() -> Setting {
    Setting {
        storage: false,
        ..by_password("without a storage", alice_in(json!({}), json!({})))
    }
}

pub(crate) fn srp() -> Setting {
    Setting {
        options: json!({}),
        without: NOTHING_BUT_IN_AND_OUT,
        weight: 16,
        first: &[|_| sign_in(), |_| event("signOut")],
        reaches: &["signedOut"],
        ..by_password("a password that is proven", alice_in(json!({}), json!({})))
    }
}

/// Alice is known on this device, which stands for the code by SMS.
pub(crate) fn tracked_device() -> Setting {
    let mut settings = sms_mfa();
    merge(
        &mut settings,
        json!({ "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true,
            "DeviceOnlyRememberedOnUserPrompt": false } }),
    );
    Setting {
        without: NOTHING_BUT_IN_AND_OUT,
        calls: &[("forgetDevice", "{}"), ("devices", "{}")],
        first: &[|_| sign_in(), |code| submit(code), |_| event("signOut")],
        weight: 16,
        reaches: &["signedOut"],
        ..by_password("a device that is known", alice_in(settings, json!({})))
    }
}

/// The pool remembers a device where the person says so.
pub(crate) fn device_asked_for() -> Setting {
    let settings = json!({ "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": false,
        "DeviceOnlyRememberedOnUserPrompt": true } });
    Setting {
        without: NOTHING_BUT_IN_AND_OUT,
        calls: &[
            ("rememberDevice", "{}"),
            ("forgetDevice", "{}"),
            ("forgetDevice", r#"{ "key": "eu-west-1_none" }"#),
        ],
        first: &[|_| sign_in()],
        weight: 8,
        ..by_password("a device that is asked for", alice_in(settings, json!({})))
    }
}

fn custom(name: &'static str, sign_in_with: &str) -> Setting {
    let client = json!({ "ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] });
    let pool = alice_in(json!({}), client);
    pool.set_triggers(Doubling);
    Setting {
        options: json!({ "signInWith": sign_in_with }),
        without: NOTHING_BUT_IN_AND_OUT,
        prepare: |pool| pool.set_triggers(Doubling),
        reaches: &["customChallenge", "signedIn"],
        ..by_password(name, pool)
    }
}

pub(crate) fn custom_challenge() -> Setting {
    custom("challenges of the app's own", "custom")
}

pub(crate) fn custom_after_srp() -> Setting {
    Setting {
        weight: 16,
        reaches: &["signedOut"],
        ..custom("challenges after a password", "customAfterSrp")
    }
}

/// Alice has a passkey.
pub(crate) fn passkey() -> Setting {
    const RELYING_PARTY: &str = "shop.example.com";
    let mut settings = first_factors(json!(["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]));
    merge(
        &mut settings,
        json!({ "MfaConfig": { "WebAuthnConfiguration": {
            "RelyingPartyId": RELYING_PARTY, "UserVerification": "preferred" } } }),
    );
    let pool = alice_in(settings, by_choice());
    let key = Authenticator::new(1, RELYING_PARTY);
    let options = json!({ "signInWith": "choice" });
    let mut world = World::with_options(&pool, options.clone());
    world.send(sign_in());
    let ticket = world.start_call("createPasskey", json!({})).unwrap();
    world.answer_all();
    let credential = key.create(&world.prompts[0].options);
    world.give(&credential);
    world.run();
    assert!(world.answer(ticket).unwrap().is_ok());
    let id: &'static str = key.id().to_owned().leak();
    let delete: &'static str = json!({ "id": id }).to_string().leak();
    Setting {
        options,
        without: &[
            EventType::SignUp,
            EventType::ConfirmSignUp,
            EventType::ForgotPassword,
            EventType::SubmitPassword,
            EventType::VerifyAttribute,
        ],
        passkeys: true,
        key: Some(key),
        calls: vec![
            ("passkeys", "{}"),
            ("createPasskey", "{}"),
            ("deletePasskey", delete),
        ]
        .leak(),
        reaches: &["passkey", "signedIn"],
        meets: &["passkeyFailed", "passkeyUnsupported"],
        ..by_password("a passkey", pool)
    }
}

/// What a signed-in person can have done, in a pool where a second factor is left to them.
pub(crate) fn account() -> Setting {
    let settings = json!({ "MfaConfig": {
        "MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": {},
        "SoftwareTokenMfaConfiguration": { "Enabled": true } } });
    Setting {
        calls: &[
            ("mfaPreference", "{}"),
            (
                "setMfaPreference",
                r#"{ "preference": { "sms": "preferred" } }"#,
            ),
            ("setMfaPreference", r#"{ "preference": { "totp": "on" } }"#),
            ("startTotp", "{}"),
            (
                "updateAttributes",
                r#"{ "attributes": { "email": "new@example.com" } }"#,
            ),
            ("deleteAttributes", r#"{ "names": ["email"] }"#),
            (
                "changePassword",
                r#"{ "current": "Correct-Horse-9", "next": "Battery-Staple-8" }"#,
            ),
            (
                "changePassword",
                r#"{ "current": "Correct-Horse-9", "next": "short" }"#,
            ),
            ("deleteUser", "{}"),
            ("factors", "{}"),
            ("devices", "{}"),
            ("sessions", "{}"),
            ("endSession", r#"{ "id": "none" }"#),
            ("forgetDevice", "{}"),
            ("passkeys", "{}"),
        ],
        first: &[|_| sign_in()],
        ..by_password(
            "what is done with an account",
            alice_in(settings, json!({})),
        )
    }
}

pub(crate) fn administrator() -> Setting {
    Setting {
        without: &[EventType::SignUp],
        administrator: &[
            "AdminDisableUser",
            "AdminDeleteUser",
            "AdminResetUserPassword",
            "AdminUserGlobalSignOut",
        ],
        calls: &[(
            "updateAttributes",
            r#"{ "attributes": { "nickname": "Al" } }"#,
        )],
        ..by_password("an administrator meanwhile", alice_in(json!({}), json!({})))
    }
}

pub(crate) fn two_tabs() -> Setting {
    Setting {
        tabs: 2,
        without: NOTHING_BUT_IN_AND_OUT,
        first: &[|_| sign_in()],
        weight: 2,
        ..by_password(
            "two tabs, rotating tokens",
            alice_in(json!({}), rotating(0)),
        )
    }
}

pub(crate) fn two_tabs_with_codes() -> Setting {
    Setting {
        tabs: 2,
        without: NOTHING_BUT_IN_AND_OUT,
        first: &[|_| sign_in()],
        weight: 2,
        reaches: &["mfaCode"],
        ..by_password("two tabs, codes by SMS", alice_in(sms_mfa(), json!({})))
    }
}

pub(crate) fn two_people() -> Setting {
    let pool = alice_in(json!({}), json!({}));
    let attributes = json!({ "email": "bob@example.com", "email_verified": "true" });
    pool.add_user(OTHER, PASSWORD, attributes, Clock::new().wall);
    Setting {
        tabs: 2,
        people: &[USER, OTHER],
        without: NOTHING_BUT_IN_AND_OUT,
        calls: &[(
            "updateAttributes",
            r#"{ "attributes": { "nickname": "Al" } }"#,
        )],
        first: &[|_| sign_in()],
        weight: 2,
        ..by_password("two people in two tabs", pool)
    }
}

/// Whoever signs up has an email address that another user has verified.
pub(crate) fn anothers_email() -> Setting {
    let pool = LocalPool::with(json!({ "AliasAttributes": ["email"] }), json!({}));
    let attributes = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(OTHER, PASSWORD, attributes, Clock::new().wall);
    Setting {
        first: &[|_| crate::support::sign_up(json!({ "email": EMAIL }))],
        without: &[EventType::ForgotPassword],
        reaches: &["confirmSignUp"],
        meets: &["aliasExists"],
        ..by_password("an email address of somebody else", pool)
    }
}

/// Nothing that a code could be sent to.
pub(crate) fn unverified_contact() -> Setting {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, json!({ "email": EMAIL }), Clock::new().wall);
    Setting {
        without: &[EventType::SignUp, EventType::ConfirmSignUp],
        meets: &["noVerifiedContact"],
        ..by_password("no verified contact", pool)
    }
}

/// A pool that says so where a message was dropped, and nothing may be spent any more.
fn poor(settings: Value) -> LocalPool {
    let options = Options {
        strict_sms: true,
        ..Options::default()
    };
    let pool = LocalPool::with_options(options, settings, json!({}));
    pool.spend_everything();
    pool
}

/// The user is made, and never gets the code.
pub(crate) fn sign_up_without_message() -> Setting {
    Setting {
        without: &[EventType::ForgotPassword],
        reaches: &["confirmSignUp"],
        meets: &["deliveryFailed"],
        ..by_password("a sign-up, no money for SMS", poor(json!({})))
    }
}

pub(crate) fn nothing_left_to_spend() -> Setting {
    let pool = poor(json!({ "AccountRecoverySetting": { "RecoveryMechanisms": [
        { "Name": "verified_phone_number", "Priority": 1 }] } }));
    let attributes = json!({ "phone_number": PHONE, "phone_number_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    Setting {
        without: &[EventType::SignUp, EventType::ConfirmSignUp],
        meets: &["deliveryFailed"],
        ..by_password("no money for SMS", pool)
    }
}

/// The role for SMS is one that Cognito may not assume any more.
pub(crate) fn role_without_trust() -> Setting {
    let pool = alice_in(sms_mfa(), json!({}));
    pool.distrust_role();
    Setting {
        reaches: &["signedOut"],
        meets: &["smsNotConfigured"],
        ..by_password("a role without trust", pool)
    }
}

/// Four have been wrong already.
pub(crate) fn wrong_passwords() -> Setting {
    const WRONG: fn(&str) -> Value = |_| {
        let mut event = sign_in();
        event["password"] = OTHER_PASSWORD.into();
        event
    };
    Setting {
        first: &[WRONG; 4],
        without: WITH_ACCOUNT,
        meets: &["attemptLimit"],
        ..by_password(
            "a wrong password, over and over",
            alice_in(json!({}), json!({})),
        )
    }
}

/// Alice may sign in on the pool's own page.
pub(crate) fn redirect() -> Setting {
    let pool = alice_in(domain::pool_settings(), domain::client_settings());
    Setting {
        options: json!({ "signInWith": "password", "redirect": domain::options() }),
        // There alone, so that who is signed in has been there.
        without: &[
            EventType::SignUp,
            EventType::ConfirmSignUp,
            EventType::SignIn,
            EventType::ForgotPassword,
            EventType::VerifyAttribute,
        ],
        reaches: &["signedIn"],
        meets: &["redirectFailed"],
        ..by_password("signing in on another page", pool)
    }
}

/// Asks for the double of three, then of four; two wrong answers end it.
struct Doubling;

impl Triggers for Doubling {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let mut event = event.clone();
        let request = event["request"].clone();
        let rounds = |result: bool| {
            let rounds = request["session"].as_array().into_iter().flatten();
            let ours = rounds.filter(|round| {
                round["challengeName"] == "CUSTOM_CHALLENGE" && round["challengeResult"] == result
            });
            ours.count()
        };
        let (right, wrong) = (rounds(true), rounds(false));
        event["response"] = match name {
            "DefineAuthChallenge"
                if request["session"][0]["challengeName"] == "SRP_A"
                    && request["session"]
                        .as_array()
                        .is_some_and(|rounds| rounds.len() == 1) =>
            {
                json!({ "challengeName": "PASSWORD_VERIFIER" })
            }
            "DefineAuthChallenge" => json!({ "challengeName": "CUSTOM_CHALLENGE",
                "issueTokens": right == 2, "failAuthentication": wrong == 2 }),
            "CreateAuthChallenge" => json!({
                "publicChallengeParameters": { "double": (3 + right).to_string() },
                "privateChallengeParameters": { "answer": (2 * (3 + right)).to_string() },
            }),
            "VerifyAuthChallengeResponse" if request["challengeAnswer"] == "throw" => {
                return Err("Not like this".into());
            }
            "VerifyAuthChallengeResponse" => {
                let right = &request["privateChallengeParameters"]["answer"];
                json!({ "answerCorrect": request["challengeAnswer"] == *right })
            }
            _ => return Ok(None),
        };
        Ok(Some(event))
    }
}
