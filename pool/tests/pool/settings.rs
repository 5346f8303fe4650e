//! User pools and app clients: what they may be set to, in the real pool's words.

use crate::common::*;
use cognito_pool::{Options, Request, api_operations, built_operations};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

fn sms() -> Value {
    json!({ "SnsCallerArn": ROLE, "ExternalId": "external" })
}

fn set_mfa(more: Value) -> Value {
    with(json!({ "UserPoolId": POOL }), more)
}

#[test]
fn a_pool_is_described_as_it_was_made_and_changed() {
    let mut local = Local::new(json!({}));
    let made = local.ok(
        "CreateUserPool",
        json!({ "PoolName": "mine",
        "AutoVerifiedAttributes": ["email"], "UserPoolTags": { "team": "auth" } }),
    );
    let pool = &made["UserPool"];
    let id = pool["Id"].as_str().unwrap();
    assert!(id.starts_with("eu-west-1_") && id.len() == "eu-west-1_".len() + 9);
    assert_eq!(
        pool["Arn"],
        format!("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{id}")
    );
    assert_eq!(pool["MfaConfiguration"], "OFF");
    assert_eq!(pool["UserPoolTags"]["team"], "auth");
    assert_eq!(pool["Policies"]["PasswordPolicy"]["MinimumLength"], 8);
    assert_eq!(pool["Policies"]["PasswordPolicy"]["RequireSymbols"], true);
    let names: Vec<&Value> = pool["SchemaAttributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["Name"])
        .collect();
    assert!(names.contains(&&json!("phone_number")));

    local.ok(
        "UpdateUserPool",
        json!({ "UserPoolId": id,
        "Policies": { "PasswordPolicy": { "MinimumLength": 12 } },
        "DeletionProtection": "ACTIVE" }),
    );
    let described = local.ok("DescribeUserPool", json!({ "UserPoolId": id }));
    let pool = &described["UserPool"];
    assert_eq!(pool["Name"], "mine");
    assert_eq!(pool["Policies"]["PasswordPolicy"]["RequireSymbols"], false);
    assert!(pool.get("AutoVerifiedAttributes").is_none());
    assert_eq!(
        local.err("DeleteUserPool", json!({ "UserPoolId": id })),
        "InvalidParameterException"
    );
    local.ok("UpdateUserPool", json!({ "UserPoolId": id }));
    local.ok("DeleteUserPool", json!({ "UserPoolId": id }));
    assert_eq!(
        local.err("DescribeUserPool", json!({ "UserPoolId": id })),
        "ResourceNotFoundException"
    );
    let first = local.ok("ListUserPools", json!({ "MaxResults": 1 }));
    assert_eq!(first["UserPools"][0]["Id"], POOL);
    assert!(first.get("NextToken").is_none());
}

#[test]
fn the_rules_between_mfa_and_its_factors() {
    let mut local = Local::new(json!({}));
    assert!(
        local
            .pool
            .account_mut()
            .add_sms_role(ROLE, Some("external"), 0)
    );
    let create = |more: Value| with(json!({ "PoolName": "mfa" }), more);
    let needs_sms = "SMS configuration and Auto verification for phone_number are required when \
                     MFA is required/optional";
    for mode in ["ON", "OPTIONAL"] {
        let input = create(json!({ "MfaConfiguration": mode }));
        assert_eq!(local.message("CreateUserPool", input), needs_sms);
    }
    let on = create(json!({ "MfaConfiguration": "ON", "SmsConfiguration": sms() }));
    let made = local.ok("CreateUserPool", on);
    assert_eq!(made["UserPool"]["MfaConfiguration"], "ON");

    assert_eq!(
        local.message(
            "UpdateUserPool",
            json!({ "UserPoolId": POOL, "MfaConfiguration": "ON" })
        ),
        "Cannot turn MFA functionality ON, once the user pool has been created."
    );
    assert_eq!(
        local.message(
            "SetUserPoolMfaConfig",
            set_mfa(json!({ "MfaConfiguration": "OPTIONAL" }))
        ),
        "Invalid MFA configuration given, can't disable all MFAs with a required or optional \
         configuration."
    );
    let token = json!({ "Enabled": true });
    assert_eq!(
        local.message(
            "SetUserPoolMfaConfig",
            set_mfa(json!({
            "MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": token }))
        ),
        "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
    );
    assert_eq!(
        local.message(
            "SetUserPoolMfaConfig",
            set_mfa(json!({
            "MfaConfiguration": "ON", "SmsMfaConfiguration": {} }))
        ),
        needs_sms
    );
    assert_eq!(
        local.err(
            "SetUserPoolMfaConfig",
            set_mfa(json!({
            "MfaConfiguration": "ON", "EmailMfaConfiguration": {} }))
        ),
        "InvalidParameterException"
    );
    let set = local.ok("SetUserPoolMfaConfig", set_mfa(json!({ "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": token,
        "SmsMfaConfiguration": { "SmsConfiguration": sms(), "SmsAuthenticationMessage": "Code {####}" } })));
    let read = local.ok("GetUserPoolMfaConfig", json!({ "UserPoolId": POOL }));
    assert_eq!(set, read);
    assert_eq!(
        read["SmsMfaConfiguration"]["SmsAuthenticationMessage"],
        "Code {####}"
    );
    assert_eq!(read["SoftwareTokenMfaConfiguration"]["Enabled"], true);
}

#[test]
fn the_role_for_sms_is_really_checked() {
    let mut local = Local::new(json!({}));
    let create = json!({ "PoolName": "sms", "SmsConfiguration": sms() });
    assert_eq!(
        local.refused("CreateUserPool", create.clone()),
        Exception(
            "InvalidSmsRoleTrustRelationshipException".into(),
            "Role does not have a trust relationship allowing Cognito to assume the role".into()
        )
    );
    assert!(
        local
            .pool
            .account_mut()
            .add_sms_role(ROLE, Some("external"), 0)
    );
    local.ok("CreateUserPool", create.clone());
    let policy = "Action=DeleteRolePolicy&Version=2010-05-08&RoleName=sms&PolicyName=publish";
    assert_eq!(local.form(policy), 200);
    assert_eq!(
        local.refused("CreateUserPool", create),
        Exception(
            "InvalidSmsRoleAccessPolicyException".into(),
            "Role does not have permission to publish with SNS".into()
        )
    );
}

#[test]
fn clients_are_made_changed_and_deleted() {
    let mut local = Local::new(json!({}));
    let made = local.ok(
        "CreateUserPoolClient",
        json!({ "UserPoolId": POOL,
        "ClientName": "web", "GenerateSecret": true }),
    );
    let client = &made["UserPoolClient"];
    let id = client["ClientId"].clone();
    assert_eq!(id.as_str().unwrap().len(), 26);
    assert!(client["ClientSecret"].as_str().unwrap().len() > 40);
    assert_eq!(client["RefreshTokenValidity"], 30);
    assert_eq!(client["AuthSessionValidity"], 3);
    assert_eq!(
        client["ExplicitAuthFlows"],
        json!([
            "ALLOW_REFRESH_TOKEN_AUTH",
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_CUSTOM_AUTH"
        ])
    );
    let named = json!({ "UserPoolId": POOL, "ClientId": id });
    for (member, value) in [
        ("AccessTokenValidity", json!(25)),
        (
            "ExplicitAuthFlows",
            json!(["ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"]),
        ),
        ("RefreshTokenRotation", json!({ "Feature": "ENABLED" })),
        ("AuthSessionValidity", json!(16)),
    ] {
        let mut input = named.clone();
        input[member] = value;
        assert_eq!(
            local.err("UpdateUserPoolClient", input),
            "InvalidParameterException",
            "{member}"
        );
    }
    let mut update = named.clone();
    update["PreventUserExistenceErrors"] = json!("ENABLED");
    local.ok("UpdateUserPoolClient", update);
    let described = local.ok("DescribeUserPoolClient", named.clone());
    assert_eq!(
        described["UserPoolClient"]["PreventUserExistenceErrors"],
        "ENABLED"
    );
    assert_eq!(described["UserPoolClient"]["ClientName"], "web");
    local.ok("DeleteUserPoolClient", named.clone());
    assert_eq!(
        local.err("DescribeUserPoolClient", named),
        "ResourceNotFoundException"
    );
}

#[test]
fn custom_attributes_have_constraints() {
    let mut local = Local::verifying(json!({
        "Schema": [{ "Name": "tier", "AttributeDataType": "Number",
            "NumberAttributeConstraints": { "MinValue": "1", "MaxValue": "3" }, "Mutable": true }],
    }));
    local.ok(
        "AddCustomAttributes",
        json!({ "UserPoolId": POOL, "CustomAttributes": [
        { "Name": "nick", "AttributeDataType": "String",
            "StringAttributeConstraints": { "MaxLength": "5" } } ] }),
    );
    let sign_up = |name: &str, value: &str| {
        json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD,
            "UserAttributes": [{ "Name": name, "Value": value }] })
    };
    for (name, value) in [
        ("custom:tier", "4"),
        ("custom:tier", "x"),
        ("custom:nick", "toolong"),
        ("tier", "1"),
    ] {
        assert_eq!(
            local.err("SignUp", sign_up(name, value)),
            "InvalidParameterException",
            "{name}"
        );
    }
    local.ok("SignUp", sign_up("custom:nick", "short"));
    local.ok(
        "AdminConfirmSignUp",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    let access = local.tokens("alice")["AccessToken"].clone();
    let change = |name: &str, value: &str| json!({ "AccessToken": access, "UserAttributes": [{ "Name": name, "Value": value }] });
    local.ok("UpdateUserAttributes", change("custom:tier", "2"));
    assert_eq!(
        local.err("UpdateUserAttributes", change("custom:nick", "other")),
        "InvalidParameterException"
    );
}

#[test]
fn case_counts_unless_the_pool_says_otherwise() {
    let mut local = Local::new(json!({}));
    local.sign_up("alice");
    local.sign_up("Alice");
    let mut local = Local::new(json!({ "UsernameConfiguration": { "CaseSensitive": false } }));
    local.sign_up("alice");
    let again = json!({ "ClientId": CLIENT, "Username": "ALICE", "Password": PASSWORD });
    assert_eq!(local.err("SignUp", again), "UsernameExistsException");
}

#[test]
fn what_is_not_an_operation_is_refused_in_json() {
    let mut local = Local::new(json!({}));
    let mut send = |target: Option<&str>, body: &str| {
        let mut headers = vec![(
            "content-type".to_owned(),
            "application/x-amz-json-1.1".to_owned(),
        )];
        headers.extend(target.map(|target| ("X-Amz-Target".to_owned(), target.to_owned())));
        let request = Request {
            method: "POST".into(),
            path: "/".into(),
            headers,
            body: body.as_bytes().to_vec(),
        };
        let reply = local
            .pool
            .handle(&request, local.now, &mut local.randomness);
        (
            reply.status,
            reply.json()["__type"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let target = |name: &str| format!("AWSCognitoIdentityProviderService.{name}");
    let unknown = (400, "UnknownOperationException".to_owned());
    assert_eq!(send(None, "{}"), unknown);
    assert_eq!(send(Some(&target("Nonsense")), "{}"), unknown);
    let broken = (400, "SerializationException".to_owned());
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\u{0}",
        r#"{"ClientId":5,"Username":"a"}"#,
    ] {
        assert_eq!(send(Some(&target("SignUp")), body), broken, "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(send(Some(&target("SignUp")), &deep), broken);
    let not_built: Vec<&str> = api_operations()
        .filter(|name| !built_operations().any(|built| built == *name))
        .collect();
    assert_eq!(not_built.len() + built_operations().count(), 141);
    for name in not_built {
        assert_eq!(
            send(Some(&target(name)), "{}"),
            (501, "NotImplemented".to_owned())
        );
    }
}

#[test]
fn a_client_that_asks_too_often_is_throttled_where_the_service_says_so() {
    let options = Options {
        requests_per_second: Some(3),
        ..Options::default()
    };
    let mut local = Local::with_options(json!({}), options);
    for _ in 0..3 {
        assert_eq!(
            local.initiate("nobody", PASSWORD).unwrap_err().0,
            "UserNotFoundException"
        );
    }
    assert_eq!(
        local.initiate("nobody", PASSWORD).unwrap_err().0,
        "TooManyRequestsException"
    );
    local.advance(1);
    assert_eq!(
        local.initiate("nobody", PASSWORD).unwrap_err().0,
        "UserNotFoundException"
    );
}

#[test]
fn a_description_that_is_refused_makes_nothing() {
    let mut local = Local::new(json!({}));
    let description = json!({ "Id": "eu-west-1_second", "PoolName": "second",
        "Clients": [{ "ClientId": CLIENT }] });
    let refused = local
        .pool
        .create_user_pool(&description, 0, &mut local.randomness)
        .unwrap_err();
    assert!(refused.to_string().contains("exists"), "{refused}");
    assert_eq!(local.pool.user_pool_ids().collect::<Vec<_>>(), [POOL]);
}

/// The services of AWS pass over members that their model does not know; what is kept as it was sent
/// would show them again.
#[test]
fn what_the_api_does_not_know_is_not_kept() {
    let mut local = Local::new(json!({}));
    let made = local.ok(
        "CreateUserPool",
        json!({ "PoolName": "mine", "Unknown": 1,
        "AdminCreateUserConfig": { "AllowAdminCreateUserOnly": true, "Unknown": [{}] },
        "UserPoolTags": { "Unknown": "a tag is the caller's own word", "null": null } }),
    );
    let pool = &made["UserPool"];
    assert_eq!(pool.get("Unknown"), None);
    assert_eq!(
        pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"],
        true
    );
    assert_eq!(pool["AdminCreateUserConfig"].get("Unknown"), None);
    assert!(pool["UserPoolTags"]["Unknown"].is_string());
    assert_eq!(pool["UserPoolTags"].get("null"), None);
}

#[test]
fn each_app_is_throttled_by_the_second_and_for_itself() {
    let options = Options {
        requests_per_second: Some(1),
        ..Options::default()
    };
    let clients = json!([{ "ClientId": "one" }, { "ClientId": "two" }]);
    let mut local = Local::with_options(json!({ "Clients": clients }), options);
    let mut asks = |client: &str, ms: u64| {
        local.now += ms;
        let input = json!({ "ClientId": client, "Username": "nobody" });
        local.err("ForgotPassword", input)
    };
    let (taken, throttled) = ("UserNotFoundException", "TooManyRequestsException");
    assert_eq!(asks("one", 0), taken);
    assert_eq!(asks("two", 1), taken);
    assert_eq!(asks("one", 998), throttled, "the same second");
    assert_eq!(asks("one", 1), taken);
}

#[test]
fn what_is_kept_for_all_apps_stands_where_an_app_has_nothing_of_its_own() {
    let mut local = Local::new(json!({}));
    let of = |more: Value| with(json!({ "UserPoolId": POOL }), more);
    let risk = |actions: &str| {
        json!({ "AccountTakeoverRiskConfiguration": {
        "Actions": { "HighAction": { "Notify": false, "EventAction": actions } } } })
    };
    let set = of(with(risk("BLOCK"), json!({ "ClientId": CLIENT })));
    local.ok("SetRiskConfiguration", set);
    let own = local.ok(
        "DescribeRiskConfiguration",
        of(json!({ "ClientId": CLIENT })),
    );
    let own = &own["RiskConfiguration"];
    assert_eq!(own["ClientId"], CLIENT);
    let takeover = &own["AccountTakeoverRiskConfiguration"];
    assert_eq!(takeover["Actions"]["HighAction"]["EventAction"], "BLOCK");
    let all = local.ok("DescribeRiskConfiguration", of(json!({})));
    assert_eq!(
        all["RiskConfiguration"],
        of(json!({})),
        "none is set for all"
    );

    let look = of(json!({ "CSS": ".banner {}" }));
    assert_eq!(
        local.message("SetUICustomization", look.clone()),
        "There has to be an existing domain associated with this user pool"
    );
    local.ok("CreateUserPoolDomain", of(json!({ "Domain": "shop" })));
    local.ok("SetUICustomization", look);
    let seen = local.ok("GetUICustomization", of(json!({ "ClientId": CLIENT })));
    assert_eq!(seen["UICustomization"]["ClientId"], "ALL");
    assert_eq!(seen["UICustomization"]["CSS"], ".banner {}");
    let own = of(json!({ "ClientId": CLIENT, "CSS": ".own {}" }));
    local.ok("SetUICustomization", own);
    let seen = local.ok("GetUICustomization", of(json!({ "ClientId": CLIENT })));
    assert_eq!(seen["UICustomization"]["CSS"], ".own {}");
    let all = local.ok("GetUICustomization", of(json!({})));
    assert_eq!(all["UICustomization"]["CSS"], ".banner {}", "it stays");
    let nobodys = of(json!({ "ClientId": "nobodys" }));
    for operation in ["GetUICustomization", "DescribeRiskConfiguration"] {
        assert_eq!(
            local.err(operation, nobodys.clone()),
            "ResourceNotFoundException"
        );
    }
}

/// The model: tags of a pool by its ARN, the same that CreateUserPool takes.
#[test]
fn tags_are_of_the_pool_that_the_arn_names() {
    let mut local = Local::new(json!({ "UserPoolTags": { "team": "auth" } }));
    let arn = format!("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{POOL}");
    let of = |more: Value| with(json!({ "ResourceArn": arn }), more);
    let tags = |local: &mut Local| local.ok("ListTagsForResource", of(json!({})))["Tags"].clone();
    assert_eq!(tags(&mut local), json!({ "team": "auth" }));
    let more = json!({ "Tags": { "stage": "test", "team": "shop" } });
    local.ok("TagResource", of(more));
    assert_eq!(tags(&mut local), json!({ "stage": "test", "team": "shop" }));
    local.ok("UntagResource", of(json!({ "TagKeys": ["team", "none"] })));
    assert_eq!(tags(&mut local), json!({ "stage": "test" }));
    let shown = local.ok("DescribeUserPool", json!({ "UserPoolId": POOL }));
    assert_eq!(
        shown["UserPool"]["UserPoolTags"],
        json!({ "stage": "test" })
    );
    for other in [
        arn.replace("eu-west-1:", "us-east-1:"),
        format!("{arn}a"),
        arn.replace(":userpool/", ":identitypool/"),
    ] {
        let input = json!({ "ResourceArn": other });
        assert_eq!(
            local.err("ListTagsForResource", input),
            "ResourceNotFoundException",
            "{other}"
        );
    }
}

#[test]
fn where_logs_go_is_kept_and_told() {
    let mut local = Local::new(json!({}));
    let of = json!({ "UserPoolId": POOL });
    let none = json!({ "UserPoolId": POOL, "LogConfigurations": [] });
    let told = local.ok("GetLogDeliveryConfiguration", of.clone());
    assert_eq!(told["LogDeliveryConfiguration"], none);
    let logs = json!([{ "LogLevel": "ERROR", "EventSource": "userNotification",
        "CloudWatchLogsConfiguration": { "LogGroupArn":
            "arn:aws:logs:eu-west-1:123456789012:log-group:pool" } }]);
    let set = json!({ "UserPoolId": POOL, "LogConfigurations": logs });
    let told = local.ok("SetLogDeliveryConfiguration", set.clone());
    assert_eq!(told["LogDeliveryConfiguration"], set);
    assert_eq!(local.ok("GetLogDeliveryConfiguration", of), told);
}

/// The model, `UICustomizationType`.
#[test]
fn the_look_of_the_pages_is_dated_and_has_its_picture() {
    let mut local = Local::new(json!({ "Domain": "shop" }));
    let of = |more: Value| with(json!({ "UserPoolId": POOL, "ClientId": CLIENT }), more);
    let get = |local: &mut Local| {
        local.ok("GetUICustomization", of(json!({})))["UICustomization"].clone()
    };
    assert_eq!(get(&mut local), json!({}));
    for (picture, kind) in [("/9j/AAAA", "jpeg"), ("iVBORw0K", "png")] {
        let look = of(json!({ "ImageFile": picture }));
        let look = local.ok("SetUICustomization", look);
        let url = format!("data:image/{kind};base64,{picture}");
        assert_eq!(look["UICustomization"]["ImageUrl"], url);
    }
    let look = get(&mut local);
    assert_eq!(look.get("CSSVersion"), None);
    local.advance(60);
    local.ok("SetUICustomization", of(json!({ "CSS": ".banner {}" })));
    let later = get(&mut local);
    assert_eq!(later["CreationDate"], look["CreationDate"]);
    assert_eq!(later["LastModifiedDate"], 1_772_323_260);
    assert_eq!(later["CSSVersion"], "1772323260");
    assert_eq!(later.get("ImageUrl"), None);
}
