//! What AWS shows, and what it says: descriptions with what is in force, tokens, words by operation.
//! Each value has its source beside it; "model" is the API model, "guide" the developer guide.

use crate::common::*;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

fn pool(local: &mut Local) -> Value {
    local.ok("DescribeUserPool", json!({ "UserPoolId": POOL }))["UserPool"].clone()
}

/// localstack/localstack#11747 compares with AWS; the rest is what hashicorp/terraform-provider-aws
/// finds there.
#[test]
fn a_pool_shows_what_is_in_force() {
    let mut local = Local::verifying(json!({}));
    let shown = pool(&mut local);
    for (pointer, value) in [
        ("/DeletionProtection", json!("INACTIVE")),
        (
            "/EmailConfiguration",
            json!({ "EmailSendingAccount": "COGNITO_DEFAULT" }),
        ),
        ("/UserPoolTier", json!("ESSENTIALS")),
        (
            "/Policies/SignInPolicy",
            json!({ "AllowedFirstAuthFactors": ["PASSWORD"] }),
        ),
        ("/LambdaConfig", json!({})),
        ("/UserPoolTags", json!({})),
        ("/AdminCreateUserConfig/UnusedAccountValidityDays", json!(7)),
        ("/SmsConfiguration/SnsRegion", json!("eu-west-1")),
        // The order of the guide and the model ("SMS is preferred"), which is the one in force.
        (
            "/AccountRecoverySetting/RecoveryMechanisms",
            json!([{ "Priority": 1, "Name": "verified_phone_number" },
                { "Priority": 2, "Name": "verified_email" }]),
        ),
    ] {
        assert_eq!(shown.pointer(pointer), Some(&value), "{pointer}");
    }
    let listed = local.ok("ListUserPools", json!({ "MaxResults": 1 }));
    assert_eq!(listed["UserPools"][0]["LambdaConfig"], json!({}));

    let client = local.ok(
        "DescribeUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientId": CLIENT }),
    );
    for flag in [
        "AllowedOAuthFlowsUserPoolClient",
        "EnablePropagateAdditionalUserContextData",
    ] {
        assert_eq!(client["UserPoolClient"][flag], false, "{flag}");
    }

    // What was said is shown as it was said.
    let said = json!({
        "UserPoolId": POOL, "DeletionProtection": "ACTIVE", "UserPoolTier": "PLUS",
        "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER", "From": "a@example.com" },
        "SmsConfiguration": { "SnsCallerArn": ROLE, "ExternalId": "external",
            "SnsRegion": "us-east-1" },
        "AccountRecoverySetting":
            { "RecoveryMechanisms": [{ "Priority": 1, "Name": "verified_email" }] },
        "Policies": { "PasswordPolicy": { "MinimumLength": 9, "TemporaryPasswordValidityDays": 3 },
            "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } },
        "LambdaConfig": { "PreTokenGeneration": "arn:aws:lambda:eu-west-1:123456789012:function:f" },
        "UserPoolTags": { "team": "auth" },
    });
    local.ok("UpdateUserPool", said.clone());
    let shown = pool(&mut local);
    for name in [
        "DeletionProtection",
        "UserPoolTier",
        "EmailConfiguration",
        "SmsConfiguration",
        "AccountRecoverySetting",
        "UserPoolTags",
    ] {
        assert_eq!(shown[name], said[name], "{name}");
    }
    assert_eq!(
        shown["Policies"]["SignInPolicy"],
        said["Policies"]["SignInPolicy"]
    );
    let unused = &shown["AdminCreateUserConfig"]["UnusedAccountValidityDays"];
    assert_eq!(*unused, 3);
    // Terraform's provider copies each of the two over to the other before it updates.
    let version = &shown["LambdaConfig"]["PreTokenGenerationConfig"];
    assert_eq!(version["LambdaVersion"], "V1_0");
    assert_eq!(
        version["LambdaArn"],
        said["LambdaConfig"]["PreTokenGeneration"]
    );
}

/// boto/boto3#2516 has what AWS showed of a new pool.
#[test]
fn standard_attributes_have_their_limits_and_hold_them() {
    let mut local = Local::new(json!({}));
    let shown = pool(&mut local);
    let lengths = |least: &str, most: &str| json!({ "MinLength": least, "MaxLength": most });
    for attribute in shown["SchemaAttributes"].as_array().unwrap() {
        let name = attribute["Name"].as_str().unwrap();
        let expected = match name {
            "sub" => lengths("1", "2048"),
            "birthdate" => lengths("10", "10"),
            "updated_at" | "email_verified" | "phone_number_verified" => Value::Null,
            _ => lengths("0", "2048"),
        };
        assert_eq!(attribute["StringAttributeConstraints"], expected, "{name}");
        let number = &attribute["NumberAttributeConstraints"];
        let expected = match name {
            "updated_at" => json!({ "MinValue": "0" }),
            _ => Value::Null,
        };
        assert_eq!(*number, expected, "{name}");
    }
    settled(&mut local, "alice", &[]);
    let long = "x".repeat(2049);
    for (name, bad, good) in [
        ("nickname", long.as_str(), &long[1..]),
        ("birthdate", "1.1.2000", "2000-01-01"),
        ("updated_at", "-1", "0"),
    ] {
        let mut update = |value: &str| {
            let attributes = pairs(&[(name, value)]);
            let input = of("alice", json!({ "UserAttributes": attributes }));
            local.call("AdminUpdateUserAttributes", input)
        };
        let Exception(error, words) = update(bad).unwrap_err();
        assert_eq!(error, "InvalidParameterException", "{name}");
        // A value of the request that long would be seen twice too often.
        assert!(words.len() < 200, "{words}");
        update(good).unwrap();
    }
}

/// Terraform's provider holds `email_verification_message` and the template's member against each
/// other (ConflictsWith), and reads both.
#[test]
fn the_template_and_the_older_messages_set_each_other() {
    let pairs = [
        ("SmsVerificationMessage", "SmsMessage"),
        ("EmailVerificationMessage", "EmailMessage"),
        ("EmailVerificationSubject", "EmailSubject"),
    ];
    let text = "Code {####} of ours";
    for (old, new) in pairs {
        for said in [
            json!({ old: text }),
            json!({ "VerificationMessageTemplate": { new: text } }),
        ] {
            let mut local = Local::new(said.clone());
            let shown = pool(&mut local);
            assert_eq!(shown[old], text, "{said}");
            assert_eq!(shown["VerificationMessageTemplate"][new], text, "{said}");
            local.ok("UpdateUserPool", json!({ "UserPoolId": POOL }));
            assert_eq!(pool(&mut local).get(old), None);
            local.ok("UpdateUserPool", with(json!({ "UserPoolId": POOL }), said));
            assert_eq!(pool(&mut local)[old], text);
        }
    }
}

/// The provider of Terraform updates without the tags that it has set, and says of
/// UserAttributeUpdateSettings that leaving them out changes nothing.
#[test]
fn an_update_keeps_some_settings_and_resets_others() {
    let mut local = Local::verifying(json!({
        "MfaConfig": { "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": { "Enabled": true } },
        "Policies": { "PasswordPolicy": { "MinimumLength": 12 },
            "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } },
        "UserAttributeUpdateSettings":
            { "AttributesRequireVerificationBeforeUpdate": ["email"] },
        "UserPoolTags": { "team": "auth" },
    }));
    let before = pool(&mut local);
    local.ok(
        "UpdateUserPool",
        json!({ "UserPoolId": POOL, "AutoVerifiedAttributes": ["email"] }),
    );
    let after = pool(&mut local);
    for kept in [
        "Policies",
        "UserAttributeUpdateSettings",
        "MfaConfiguration",
        "UserPoolTags",
    ] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(after["Policies"]["PasswordPolicy"]["MinimumLength"], 12);
    assert!(after.get("SmsConfiguration").is_none());

    local.ok("UpdateUserPool", json!({ "UserPoolId": POOL }));
    let after = pool(&mut local);
    assert!(after.get("AutoVerifiedAttributes").is_none());
    // A new value is verified by a code, which is no longer sent.
    let waiting = "/UserAttributeUpdateSettings/AttributesRequireVerificationBeforeUpdate";
    assert_eq!(after.pointer(waiting), Some(&json!([])));
    assert_eq!(after["Policies"], before["Policies"]);
    // One policy without the other leaves that one.
    let policies = json!({ "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD"] } });
    local.ok(
        "UpdateUserPool",
        json!({ "UserPoolId": POOL, "Policies": policies }),
    );
    let after = pool(&mut local);
    assert_eq!(after["Policies"]["PasswordPolicy"]["MinimumLength"], 12);
    assert_eq!(after["Policies"]["SignInPolicy"], policies["SignInPolicy"]);
}

/// What nobody said is not there: so AWS, by getmoto/moto's tests that were run against it.
#[test]
fn an_administrator_verifies_what_is_said_to_be_verified() {
    let mut local = Local::verifying(json!({}));
    let more = json!({ "UserAttributes": pairs(&[("email", EMAIL), ("phone_number", PHONE)]) });
    let made = local.ok("AdminCreateUser", of("alice", more));
    for flag in ["email_verified", "phone_number_verified"] {
        assert_eq!(attribute(&made["User"], flag), None, "{flag}");
    }
}

/// OpenID Connect Core, section 5.1.1; the guide, "Understanding the ID token".
#[test]
fn an_address_is_an_object_in_the_token() {
    let mut local = Local::new(json!({}));
    settled(
        &mut local,
        "alice",
        &[("address", "1 Main St"), ("name", "Al")],
    );
    let tokens = local.tokens("alice");
    let id = claims(&tokens["IdToken"]);
    assert_eq!(id["address"], json!({ "formatted": "1 Main St" }));
    assert_eq!(id["name"], "Al");
    let user = local.user(&tokens);
    assert_eq!(attribute(&user, "address").as_deref(), Some("1 Main St"));
}

/// The model, `GroupType.Precedence`.
#[test]
fn a_role_is_preferred_where_the_first_groups_agree() {
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    for (groups, preferred) in [
        (vec![("a", Some(1), "x"), ("b", Some(2), "y")], Some("x")),
        (vec![("a", Some(2), "x"), ("b", Some(1), "y")], Some("y")),
        (vec![("a", Some(1), "x"), ("b", Some(1), "x")], Some("x")),
        (vec![("a", Some(1), "x"), ("b", Some(1), "y")], None),
        (vec![("a", None, "x"), ("b", None, "y")], None),
        (vec![("a", None, "x"), ("b", Some(9), "y")], Some("y")),
    ] {
        let mut local = Local::new(json!({}));
        settled(&mut local, "alice", &[]);
        for (name, precedence, of_role) in &groups {
            let mut group = json!({ "UserPoolId": POOL, "GroupName": name,
                "RoleArn": role(of_role) });
            if let Some(precedence) = precedence {
                group["Precedence"] = json!(precedence);
            }
            local.ok("CreateGroup", group);
            local.ok(
                "AdminAddUserToGroup",
                of("alice", json!({ "GroupName": name })),
            );
        }
        let id = claims(&local.tokens("alice")["IdToken"]);
        let claim = id["cognito:preferred_role"].as_str().map(String::from);
        assert_eq!(claim, preferred.map(role), "{groups:?}");
        assert_eq!(id["cognito:roles"].as_array().unwrap().len(), 2);
    }
}

/// The model, `EnableTokenRevocation`; the guide, "Ending user sessions with token revocation".
#[test]
fn tokens_say_whose_sign_in_they_are_where_they_can_be_revoked() {
    let client = |id: &str, revocation: bool| {
        json!({ "ClientId": id, "EnableTokenRevocation": revocation,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] })
    };
    let mut local = Local::new(json!({ "Clients": [client(CLIENT, false), client("on", true)] }));
    settled(&mut local, "alice", &[("email", EMAIL)]);
    settled(&mut local, "bob", &[]);
    let tokens = local.tokens("alice");
    let bobs = local.tokens("bob");
    for token in ["AccessToken", "IdToken"] {
        let claims = claims(&tokens[token]);
        assert!(claims.get("jti").is_none() && claims.get("origin_jti").is_none());
        assert!(claims["event_id"].is_string());
    }
    // They are as good as others, and end with the user's sign-ins.
    let name = |local: &mut Local, tokens: &Value| local.user(tokens)["Username"].clone();
    assert_eq!(name(&mut local, &tokens), "alice");
    assert_eq!(name(&mut local, &bobs), "bob");
    let by = json!({ "AccessToken": tokens["AccessToken"] });
    local.ok("GlobalSignOut", by.clone());
    assert_eq!(
        local.message("GetUser", by),
        "Access Token has been revoked"
    );
    assert_eq!(name(&mut local, &bobs), "bob");

    let input = json!({ "ClientId": "on", "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD } });
    let reply = local.ok("InitiateAuth", input);
    for token in ["AccessToken", "IdToken"] {
        let claims = claims(&reply["AuthenticationResult"][token]);
        assert!(claims["jti"].is_string() && claims["origin_jti"].is_string());
    }
}

fn says(error: &str, message: &str) -> Exception {
    Exception(error.into(), message.into())
}

/// localstack/localstack#4465 (AdminCreateUser), jonsaw/amazon-cognito-identity-dart#73 (SignUp where
/// the email is the name), [R] a recorded reply (SignUp).
#[test]
fn a_name_that_is_taken_is_said_by_operation() {
    let exists = |message: &str| says("UsernameExistsException", message);
    let sign_up =
        |name: &str| json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD });
    let mut local = Local::new(json!({}));
    settled(&mut local, "alice", &[]);
    assert_eq!(
        local.refused("AdminCreateUser", of("alice", json!({}))),
        exists("User account already exists")
    );
    assert_eq!(
        local.refused("SignUp", sign_up("alice")),
        exists("User already exists")
    );
    let both = json!({ "UsernameAttributes": ["email", "phone_number"] });
    let mut local = Local::new(both);
    for (name, attribute) in [(EMAIL, "email"), (PHONE, "phone_number")] {
        settled(&mut local, name, &[]);
        assert_eq!(
            local.refused("SignUp", sign_up(name)),
            exists(&format!(
                "An account with the given {attribute} already exists."
            ))
        );
        assert_eq!(
            local.refused("AdminCreateUser", of(name, json!({}))),
            exists("User account already exists")
        );
    }
}

/// AdminCreateUser: localstack's sources quote AWS; ConfirmForgotPassword: apps that match the words
/// where a reset ends (fabscale/ember-cognito-identity); SignUp: amplify-js.
#[test]
fn a_weak_password_is_said_by_operation() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    local.ok(
        "ForgotPassword",
        json!({ "ClientId": CLIENT, "Username": "alice" }),
    );
    let code = local.code(PHONE);
    let weak = json!({ "ClientId": CLIENT, "Username": "alice", "Password": "Passw0rd" });
    let tokens = local.tokens("alice");
    for (operation, input, said) in [
        (
            "AdminCreateUser",
            of("bob", json!({ "TemporaryPassword": "Passw0rd" })),
            "Password did not conform with password policy",
        ),
        (
            "SignUp",
            with(weak.clone(), json!({ "Username": "bob" })),
            "Password did not conform with policy",
        ),
        (
            "ConfirmForgotPassword",
            with(weak, json!({ "ConfirmationCode": code })),
            "Password does not conform to policy",
        ),
        (
            "ChangePassword",
            json!({ "AccessToken": tokens["AccessToken"], "PreviousPassword": PASSWORD,
                "ProposedPassword": "Passw0rd" }),
            "Password did not conform with policy",
        ),
    ] {
        assert_eq!(
            local.refused(operation, input),
            says(
                "InvalidPasswordException",
                &format!("{said}: Password must have symbol characters")
            )
        );
    }
}

/// getmoto/moto's tests (the operation that a flow is for); error messages quoted in hundreds of
/// repositories (a client that does not allow one).
#[test]
fn a_flow_that_is_not_there_is_said_by_its_name() {
    let mut local = Local::new(json!({
        "Clients": [{ "ClientId": CLIENT, "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"] }],
    }));
    let input = |flow: &str| {
        json!({ "ClientId": CLIENT, "AuthFlow": flow,
            "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD } })
    };
    let by_pool = |flow: &str| with(input(flow), json!({ "UserPoolId": POOL }));
    let no = |message: &str| says("InvalidParameterException", message);
    for (flow, message) in [
        (
            "ADMIN_USER_PASSWORD_AUTH",
            "Initiate Auth method not supported.",
        ),
        ("ADMIN_NO_SRP_AUTH", "Initiate Auth method not supported."),
        (
            "USER_PASSWORD_AUTH",
            "USER_PASSWORD_AUTH flow not enabled for this client",
        ),
        ("USER_AUTH", "USER_AUTH flow not enabled for this client"),
        (
            "USER_SRP_AUTH",
            "USER_SRP_AUTH is not enabled for the client.",
        ),
        ("CUSTOM_AUTH", "CUSTOM_AUTH is not enabled for the client."),
        (
            "REFRESH_TOKEN_AUTH",
            "Auth flow not enabled for this client",
        ),
    ] {
        assert_eq!(local.refused("InitiateAuth", input(flow)), no(message));
    }
    assert_eq!(
        local.refused("AdminInitiateAuth", by_pool("USER_PASSWORD_AUTH")),
        no("Initiate Auth method not supported.")
    );
    let mut local = Local::new(json!({
        "Clients": [{ "ClientId": CLIENT, "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"] }],
    }));
    assert_eq!(
        local.refused("AdminInitiateAuth", by_pool("ADMIN_USER_PASSWORD_AUTH")),
        no("Auth flow not enabled for this client")
    );
}

#[test]
fn an_administrator_turns_on_no_app_that_is_not_there() {
    let mut local = Local::new(json!({
        "MfaConfig": { "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": { "Enabled": true } },
    }));
    settled(&mut local, "alice", &[]);
    let on = json!({ "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true } });
    assert_eq!(
        local.refused("AdminSetUserMFAPreference", of("alice", on)),
        says(
            "InvalidParameterException",
            "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
        )
    );
}

/// aws-amplify/amplify-flutter#509: each fault on a line of its own. Updates: the words of reports on
/// UpdateUserAttributes, which also end each line.
#[test]
fn all_faults_are_named() {
    let required = |name: &str| json!({ "Name": name, "Required": true });
    let schema = json!([required("given_name"), required("family_name"),
        { "Name": "fixed", "AttributeDataType": "String", "Mutable": false }]);
    let mut local = Local::new(json!({ "Schema": schema }));
    let invalid = |message: &str| says("InvalidParameterException", message);
    let sign_up = |attributes: &[(&str, &str)]| {
        json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD,
            "UserAttributes": pairs(attributes) })
    };
    assert_eq!(
        local.refused(
            "SignUp",
            sign_up(&[("custom:firstName", "A"), ("custom:lastName", "B")])
        ),
        invalid(
            "Attributes did not conform to the schema: custom:firstName: Attribute does not exist in \
             the schema.\ncustom:lastName: Attribute does not exist in the schema.\ngiven_name: The \
             attribute is required\nfamily_name: The attribute is required\n"
        )
    );
    let create = json!({ "UserAttributes": pairs(&[("shop", "A"), ("till", "B")]) });
    assert_eq!(
        local.refused("AdminCreateUser", of("alice", create)),
        invalid(
            "Attributes did not conform to the schema: shop: Attribute does not exist in the \
             schema.\ntill: Attribute does not exist in the schema.\n"
        )
    );
    settled(&mut local, "alice", &[("custom:fixed", "1")]);
    let update = json!({ "UserAttributes":
        pairs(&[("shop", "A"), ("custom:fixed", "2"), ("given_name", "")]) });
    let said = "user.shop: Attribute does not exist in the schema.\nuser.custom:fixed: Attribute \
                cannot be updated.\nuser.given_name: Attribute is required.\n";
    assert_eq!(
        local.refused("AdminUpdateUserAttributes", of("alice", update.clone())),
        invalid(said)
    );
    let tokens = local.tokens("alice");
    let by_user = with(update, json!({ "AccessToken": tokens["AccessToken"] }));
    assert_eq!(
        local.refused("UpdateUserAttributes", by_user),
        invalid(said)
    );
    let names = json!({ "UserAttributeNames": ["shop", "given_name"] });
    assert_eq!(
        local.refused("AdminDeleteUserAttributes", of("alice", names)),
        invalid(
            "user.shop: Attribute does not exist in the schema.\nuser.given_name: Attribute cannot be \
             deleted.\n"
        )
    );
}
