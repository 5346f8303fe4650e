//! Forgotten passwords, changed ones, and what administrators do about either.

use crate::common::*;
use serde_json::{Value, json};

const NEXT: &str = "N3xt-Passw0rd";

fn forgot() -> Value {
    json!({ "ClientId": CLIENT, "Username": "alice" })
}

fn confirm(code: &str) -> Value {
    json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code, "Password": NEXT })
}

fn admin(more: Value) -> Value {
    with(json!({ "UserPoolId": POOL, "Username": "alice" }), more)
}

#[test]
fn the_code_lives_an_hour_and_sets_a_new_password() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let details = local.ok("ForgotPassword", forgot());
    assert_eq!(
        details["CodeDeliveryDetails"]["AttributeName"],
        "phone_number"
    );
    let code = local.code(PHONE);
    local.advance(HOUR);
    assert_eq!(
        local.err("ConfirmForgotPassword", confirm(&code)),
        "ExpiredCodeException"
    );
    local.ok("ForgotPassword", forgot());
    let code = local.code(PHONE);
    assert_eq!(
        local.err("ConfirmForgotPassword", confirm("x")),
        "CodeMismatchException"
    );
    let mut weak = confirm(&code);
    weak["Password"] = json!("weak");
    assert_eq!(
        local.err("ConfirmForgotPassword", weak),
        "InvalidPasswordException"
    );
    local.advance(HOUR - 1);
    local.ok("ConfirmForgotPassword", confirm(&code));
    assert_eq!(
        local.err("ConfirmForgotPassword", confirm(&code)),
        "ExpiredCodeException"
    );
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().0,
        "NotAuthorizedException"
    );
    local.srp("alice", NEXT).unwrap();
}

#[test]
fn it_needs_a_verified_contact() {
    let mut local = Local::new(json!({}));
    local.sign_up("alice");
    local.ok("AdminConfirmSignUp", admin(json!({})));
    assert_eq!(
        local.refused("ForgotPassword", forgot()),
        invalid(
            "Cannot reset password for the user as there is no registered/verified email or \
             phone_number"
        )
    );
    let verified = json!([{ "Name": "email_verified", "Value": "true" }]);
    local.ok(
        "AdminUpdateUserAttributes",
        admin(json!({ "UserAttributes": verified })),
    );
    let details = local.ok("ForgotPassword", forgot());
    assert_eq!(details["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL");
}

#[test]
fn the_setting_says_where_the_code_goes() {
    let both = json!([{ "Name": "email_verified", "Value": "true" },
        { "Name": "phone_number_verified", "Value": "true" }]);
    let mechanisms = |names: &[&str]| {
        let list: Vec<Value> = names
            .iter()
            .zip(1..)
            .map(|(name, at)| json!({ "Name": name, "Priority": at }))
            .collect();
        json!({ "AccountRecoverySetting": { "RecoveryMechanisms": list } })
    };
    let medium = |settings: Value| {
        let mut local = Local::verifying(settings);
        local.confirmed("alice");
        local.ok(
            "AdminUpdateUserAttributes",
            admin(json!({ "UserAttributes": both })),
        );
        local.ok("ForgotPassword", forgot())["CodeDeliveryDetails"]["DeliveryMedium"].clone()
    };
    assert_eq!(medium(json!({})), "SMS");
    assert_eq!(
        medium(mechanisms(&["verified_email", "verified_phone_number"])),
        "EMAIL"
    );
    assert_eq!(
        medium(mechanisms(&["verified_phone_number", "verified_email"])),
        "SMS"
    );

    let mut local = Local::verifying(mechanisms(&["admin_only"]));
    local.confirmed("alice");
    assert_eq!(
        local.err("ForgotPassword", forgot()),
        "NotAuthorizedException"
    );
}

#[test]
fn with_the_setting_a_user_of_sms_mfa_cannot_recover_by_sms() {
    let mut local = Local::verifying(json!({
        "MfaConfiguration": "OPTIONAL",
        "AccountRecoverySetting": { "RecoveryMechanisms": [
            { "Name": "verified_phone_number", "Priority": 1 } ] },
    }));
    local.confirmed("alice");
    local.ok("ForgotPassword", forgot());
    let on = json!({ "SMSMfaSettings": { "Enabled": true } });
    local.ok("AdminSetUserMFAPreference", admin(on));
    assert_eq!(
        local.err("ForgotPassword", forgot()),
        "InvalidParameterException"
    );
}

#[test]
fn attempts_are_limited() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    local.ok("ForgotPassword", forgot());
    for _ in 0..10 {
        assert_eq!(
            local.err("ConfirmForgotPassword", confirm("x")),
            "CodeMismatchException"
        );
    }
    let code = local.code(PHONE);
    assert_eq!(
        local.err("ConfirmForgotPassword", confirm(&code)),
        "LimitExceededException"
    );
}

#[test]
fn an_administrators_reset_must_be_followed() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    local.ok("AdminResetUserPassword", admin(json!({})));
    assert_eq!(
        local.srp("alice", PASSWORD).unwrap_err().0,
        "PasswordResetRequiredException"
    );
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().0,
        "PasswordResetRequiredException"
    );
    let code = local.code(PHONE);
    local.ok("ConfirmForgotPassword", confirm(&code));
    local.srp("alice", NEXT).unwrap();
}

#[test]
fn passwords_are_changed_by_who_knows_the_old_one() {
    let mut local = Local::verifying(json!({
        "Policies": { "PasswordPolicy": { "MinimumLength": 8, "PasswordHistorySize": 2 } },
    }));
    local.confirmed("alice");
    let access = local.tokens("alice")["AccessToken"].clone();
    let change = |old: &str, new: &str| json!({ "AccessToken": access, "PreviousPassword": old, "ProposedPassword": new });
    assert_eq!(
        local.err("ChangePassword", change("wrong", NEXT)),
        "NotAuthorizedException"
    );
    assert_eq!(
        local.err("ChangePassword", change(PASSWORD, "short")),
        "InvalidPasswordException"
    );
    let history = "PasswordHistoryPolicyViolationException";
    assert_eq!(
        local.err("ChangePassword", change(PASSWORD, PASSWORD)),
        history
    );
    local.ok("ChangePassword", change(PASSWORD, NEXT));
    assert_eq!(local.err("ChangePassword", change(NEXT, PASSWORD)), history);
    local.advance(HOUR - 1);
    local.ok(
        "ChangePassword",
        change(NEXT, "third password".replace(' ', "-").as_str()),
    );
    local.advance(1);
    let access =
        local.initiate("alice", "third-password").unwrap()["AuthenticationResult"]["AccessToken"]
            .clone();
    // Two remembered: the first is free again.
    local.ok(
        "ChangePassword",
        json!({ "AccessToken": access,
        "PreviousPassword": "third-password", "ProposedPassword": PASSWORD }),
    );
}

#[test]
fn an_invited_user_chooses_a_password_at_the_first_sign_in() {
    let mut local = Local::verifying(json!({
        "AdminCreateUserConfig": { "AllowAdminCreateUserOnly": true },
        "Schema": [{ "Name": "given_name", "Required": true }],
    }));
    let sign_up = json!({ "ClientId": CLIENT, "Username": "bob", "Password": PASSWORD });
    assert_eq!(
        local.message("SignUp", sign_up),
        "SignUp is not permitted for this user pool"
    );
    let created = local.ok(
        "AdminCreateUser",
        admin(json!({
            "DesiredDeliveryMediums": ["EMAIL"],
            "UserAttributes": [{ "Name": "email", "Value": EMAIL },
                { "Name": "email_verified", "Value": "true" }],
        })),
    );
    assert_eq!(created["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    let message = local.outbox().remove(0);
    assert_eq!(message["kind"], "adminCreateUser");
    let temporary = local.code(EMAIL);
    let challenge = local.srp("alice", &temporary).unwrap();
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let parameters = &challenge["ChallengeParameters"];
    assert_eq!(
        parameters["requiredAttributes"],
        r#"["userAttributes.given_name"]"#
    );
    let missing = local
        .respond(&challenge, "alice", json!({ "NEW_PASSWORD": NEXT }))
        .unwrap_err();
    assert_eq!(missing.0, "InvalidParameterException");
    let reply = local
        .respond(
            &challenge,
            "alice",
            json!({ "NEW_PASSWORD": NEXT,
            "userAttributes.given_name": "Alice", "userAttributes.email_verified": "true" }),
        )
        .unwrap();
    let user = local.user(&reply["AuthenticationResult"]);
    assert_eq!(attribute(&user, "given_name").as_deref(), Some("Alice"));
    local.srp("alice", NEXT).unwrap();
}

#[test]
fn a_temporary_password_expires_and_can_be_sent_again() {
    let mut local = Local::verifying(json!({}));
    let email = json!([{ "Name": "email", "Value": EMAIL }]);
    let create = admin(json!({ "DesiredDeliveryMediums": ["EMAIL"], "UserAttributes": email }));
    local.ok("AdminCreateUser", create.clone());
    let temporary = local.code(EMAIL);
    local.advance(7 * DAY);
    let expired = local.initiate("alice", &temporary).unwrap_err();
    assert_eq!(
        expired.1,
        "Temporary password has expired and must be reset by an administrator."
    );
    assert_eq!(
        local.err("AdminCreateUser", create),
        "UsernameExistsException"
    );
    let resend = admin(json!({ "MessageAction": "RESEND", "DesiredDeliveryMediums": ["EMAIL"] }));
    local.ok("AdminCreateUser", resend);
    let fresh = local.code(EMAIL);
    assert_ne!(temporary, fresh);
    let challenge = local.initiate("alice", &fresh).unwrap();
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
}

#[test]
fn a_lost_phone_is_changed_by_an_administrator() {
    let mut local = Local::verifying(json!({
        "MfaConfiguration": "ON", "Schema": [{ "Name": "phone_number", "Required": true }],
    }));
    local.confirmed("alice");
    let phone = json!([{ "Name": "phone_number", "Value": "+12065550177" }]);
    local.ok(
        "AdminUpdateUserAttributes",
        admin(json!({ "UserAttributes": phone })),
    );
    let user = local.ok("AdminGetUser", admin(json!({})));
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("false")
    );
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(
        challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"],
        "+*******0177"
    );
    let code = local.code("+12065550177");
    local
        .respond(&challenge, "alice", json!({ "SMS_MFA_CODE": code }))
        .unwrap();
}

/// The API reference, ForgotPassword: who was never confirmed, has a temporary password or is disabled
/// does not get one this way.
#[test]
fn a_password_is_recovered_by_who_may_sign_in() {
    let mut local = Local::verifying(json!({}));
    let verified = [("email", EMAIL), ("email_verified", "true")];
    made(&mut local, "alice", &verified);
    let no = |words: &str| Exception("NotAuthorizedException".into(), words.into());
    assert_eq!(
        local.refused("ForgotPassword", forgot()),
        no("User password cannot be reset in the current state.")
    );
    let more = json!({ "Password": PASSWORD, "Permanent": true });
    local.ok("AdminSetUserPassword", of("alice", more));
    local.ok("ForgotPassword", forgot());
    let code = local.code(EMAIL);
    local.ok("AdminDisableUser", admin(json!({})));
    for (operation, input) in [
        ("ForgotPassword", forgot()),
        ("ConfirmForgotPassword", confirm(&code)),
    ] {
        assert_eq!(local.refused(operation, input), no("User is disabled."));
    }
    local.ok("AdminEnableUser", admin(json!({})));
    local.ok("ConfirmForgotPassword", confirm(&code));
    let user = local.ok("AdminGetUser", admin(json!({})));
    assert_eq!(user["UserStatus"], "CONFIRMED");
    let nobody = with(confirm("123456"), json!({ "Username": "nobody" }));
    assert_eq!(
        local.err("ConfirmForgotPassword", nobody),
        "UserNotFoundException"
    );
}

#[test]
fn codes_to_recover_are_sent_ten_times_an_hour() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    for _ in 0..10 {
        local.ok("ForgotPassword", forgot());
    }
    assert_eq!(
        local.err("ForgotPassword", forgot()),
        "LimitExceededException"
    );
    local.advance(HOUR);
    local.ok("ForgotPassword", forgot());
}

/// The guide, "Account recovery": where no mechanism is said, the phone comes before the email, and the
/// phone may be the second factor as well.
#[test]
fn without_the_setting_a_user_of_sms_mfa_recovers_by_sms() {
    let mut local = Local::verifying(json!({ "MfaConfiguration": "OPTIONAL" }));
    local.confirmed("alice");
    let on = json!({ "SMSMfaSettings": { "Enabled": true } });
    local.ok("AdminSetUserMFAPreference", admin(on));
    let told = local.ok("ForgotPassword", forgot());
    assert_eq!(told["CodeDeliveryDetails"]["DeliveryMedium"], "SMS");
    // By email, where the setting leaves only that.
    let both = json!({ "RecoveryMechanisms": [{ "Name": "verified_phone_number", "Priority": 1 },
        { "Name": "verified_email", "Priority": 2 }] });
    let sms = json!({ "SnsCallerArn": "arn:aws:iam::123456789012:role/sms",
        "ExternalId": "external" });
    local.ok(
        "UpdateUserPool",
        json!({ "UserPoolId": POOL, "AccountRecoverySetting": both, "SmsConfiguration": sms,
            "AutoVerifiedAttributes": ["email", "phone_number"] }),
    );
    let verified = json!({ "UserAttributes": pairs(&[("email_verified", "true")]) });
    local.ok("AdminUpdateUserAttributes", admin(verified));
    let told = local.ok("ForgotPassword", forgot());
    assert_eq!(told["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL");
}

/// The model, `PasswordHistorySize`: so many former passwords, the present one among them.
#[test]
fn as_many_passwords_are_remembered_as_the_policy_says() {
    let policy = |size: u64| json!({ "PasswordPolicy": { "MinimumLength": 8, "PasswordHistorySize": size } });
    for size in [0, 1, 3] {
        let mut local = Local::new(json!({ "Policies": policy(size) }));
        made(&mut local, "alice", &[]);
        let mut set = |password: &str| {
            let more = json!({ "Password": password, "Permanent": true });
            local.call("AdminSetUserPassword", of("alice", more)).err()
        };
        let passwords: Vec<String> = (0..4).map(|at| format!("password-{at}")).collect();
        for password in &passwords {
            assert_eq!(set(password), None);
        }
        for (age, password) in (0..).zip(passwords.iter().rev()) {
            let refused = set(password).map(|it| it.0);
            let expected = (age < size).then(|| "PasswordHistoryPolicyViolationException".into());
            assert_eq!(refused, expected, "{size}: {password}");
            if refused.is_none() {
                break;
            }
        }
    }
}

/// The guide, "Adding user pool password requirements": a space within is a symbol. (Where the model takes
/// a password as such it has none; an answer to a challenge may.)
#[test]
fn a_policy_counts_characters_and_takes_a_space_for_a_symbol() {
    let policy = json!({ "PasswordPolicy": { "MinimumLength": 10, "RequireSymbols": true } });
    let mut local = Local::new(json!({ "Policies": policy }));
    let temporary = "temporary-1";
    let create = json!({ "MessageAction": "SUPPRESS", "TemporaryPassword": temporary });
    local.ok("AdminCreateUser", admin(create));
    let mut lacks = |password: &str| {
        let challenge = local.initiate("alice", temporary).unwrap();
        let answer = json!({ "NEW_PASSWORD": password });
        let refused = local.respond(&challenge, "alice", answer).err()?;
        Some(refused.1.rsplit_once(": ").unwrap().1.to_owned())
    };
    assert_eq!(
        lacks("äöüäöüäö!").as_deref(),
        Some("Password not long enough")
    );
    assert_eq!(
        lacks("fourwordshere").as_deref(),
        Some("Password must have symbol characters")
    );
    assert_eq!(lacks("four words"), None);
    let reply = local.initiate("alice", "four words").unwrap();
    assert!(reply["AuthenticationResult"].is_object());
}

/// [D] by the guide's table, five times an hour.
#[test]
fn passwords_are_changed_five_times_an_hour() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let access = local.tokens("alice")["AccessToken"].clone();
    let change = |old: &str, new: &str| json!({ "AccessToken": access, "PreviousPassword": old, "ProposedPassword": new });
    for _ in 0..5 {
        assert_eq!(
            local.message("ChangePassword", change("wrong", NEXT)),
            "Incorrect username or password."
        );
    }
    assert_eq!(
        local.err("ChangePassword", change(PASSWORD, NEXT)),
        "LimitExceededException"
    );
}

#[test]
fn a_password_is_not_guessed_by_changing_it() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let access = local.tokens("alice")["AccessToken"].clone();
    let change = |old: &str| json!({ "AccessToken": access, "PreviousPassword": old, "ProposedPassword": NEXT });
    // Wrong ones count like those of a sign-in, and a lock holds for both.
    for _ in 0..3 {
        local.err("ChangePassword", change("wrong"));
    }
    for _ in 0..2 {
        local.initiate("alice", "wrong").unwrap_err();
    }
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().1,
        "Password attempts exceeded"
    );
    assert_eq!(
        local.message("ChangePassword", change(PASSWORD)),
        "Password attempts exceeded"
    );
    local.advance(1);
    local.ok("ChangePassword", change(PASSWORD));
}
