//! User pools and app clients as a whole: their ids, their numbers, lists by pages, and which settings go
//! together.

use crate::common::*;
use cognito_pool::{Created, Request};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

fn describe(local: &mut Local) -> Value {
    local.ok("DescribeUserPool", json!({ "UserPoolId": POOL }))["UserPool"].clone()
}

fn make(local: &mut Local, description: Value) -> Result<Created, String> {
    local
        .pool
        .create_user_pool(&description, local.now, &mut local.randomness)
        .map_err(|refused| refused.to_string())
}

/// The model, `UserPoolIdType`: `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters.
#[test]
fn an_id_is_a_region_and_a_name() {
    let mut local = Local::new(json!({}));
    let mut of = |id: &str| make(&mut local, json!({ "Id": id, "PoolName": "mine" }));
    let longest = format!("eu-west-1_{}", "a".repeat(45));
    for id in ["eu-west-1_aB9", "local_1", "r-1_Z", longest.as_str()] {
        assert_eq!(of(id).unwrap().user_pool_id, id);
    }
    let too_long = format!("{longest}a");
    for id in [
        "",
        "_",
        "euwest1",
        "_name",
        "eu-west-1_",
        "eu west_1",
        "eu.west_1",
        "eu-west-1_a-b",
        "eu-west-1_a_b",
        "eu-west-1_\u{e4}",
        too_long.as_str(),
    ] {
        let refused = of(id).unwrap_err();
        assert!(refused.contains("Invalid user pool id"), "{id}: {refused}");
    }
    let again = of("local_1").unwrap_err();
    assert!(again.contains("User pool local_1 exists."), "{again}");
}

/// The service quotas of user pools: 1,000 in an account.
#[test]
fn an_account_has_a_thousand_pools() {
    let mut local = Local::new(json!({}));
    let one_more = json!({ "PoolName": "one more" });
    for _ in 1..1000 {
        local.ok("CreateUserPool", one_more.clone());
    }
    assert_eq!(
        local.err("CreateUserPool", one_more.clone()),
        "LimitExceededException"
    );
    local.ok("DeleteUserPool", json!({ "UserPoolId": POOL }));
    local.ok("CreateUserPool", one_more);
}

#[test]
fn pools_are_listed_by_pages() {
    let mut local = Local::new(json!({ "Id": "eu-west-1_a", "PoolName": "first" }));
    local.advance(60);
    local.now += 250;
    for id in ["eu-west-1_b", "eu-west-1_c"] {
        make(&mut local, json!({ "Id": id, "PoolName": "other" })).unwrap();
    }
    let mut ids = |most: u64| {
        local.pages(
            ("ListUserPools", "UserPools", "Id"),
            json!({ "MaxResults": most }),
        )
    };
    let [a, b, c] = ["a", "b", "c"].map(|name| format!("eu-west-1_{name}"));
    assert_eq!(ids(2), [vec![a.clone(), b.clone()], vec![c.clone()]]);
    assert_eq!(ids(1), [[a.as_str()], [b.as_str()], [c.as_str()]]);
    // The last page is the last one also where it is full.
    assert_eq!(ids(3), [[a, b, c]]);

    let listed = local.ok("ListUserPools", json!({ "MaxResults": 60 }));
    assert_eq!(
        listed["UserPools"][0],
        json!({ "Id": "eu-west-1_a", "Name": "first", "LambdaConfig": {},
            "CreationDate": 1_772_323_200, "LastModifiedDate": 1_772_323_200 })
    );
    // A time is a number of seconds with what is left of them.
    assert_eq!(
        listed["UserPools"][1]["CreationDate"],
        json!(1_772_323_260.25)
    );
}

#[test]
fn who_signs_for_a_region_is_shown_its_pools_alone() {
    let mut local = Local::new(json!({}));
    make(
        &mut local,
        json!({ "Id": "us-east-1_a", "PoolName": "there" }),
    )
    .unwrap();
    let mut signed = |region: &str, operation: &str, input: Value| {
        let mut request = Request::operation(operation, &input);
        let value = format!(
            "AWS4-HMAC-SHA256 Credential=key/20260301/{region}/cognito-idp/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        request.headers.push(("Authorization".into(), value));
        local
            .pool
            .handle(&request, local.now, &mut local.randomness)
            .json()
    };
    let mut ids = |region: &str| {
        let reply = signed(region, "ListUserPools", json!({ "MaxResults": 60 }));
        column(&reply["UserPools"], "Id")
    };
    assert_eq!(ids("us-east-1"), ["us-east-1_a"]);
    assert_eq!(ids("eu-west-1"), [POOL]);
    assert_eq!(ids("eu-north-1"), Vec::<String>::new());
    let made = signed("eu-north-1", "CreateUserPool", json!({ "PoolName": "new" }));
    let id = made["UserPool"]["Id"].as_str().unwrap();
    assert!(id.starts_with("eu-north-1_"), "{id}");
    // Who names a pool gets it wherever it is.
    let there = signed(
        "eu-west-1",
        "DescribeUserPool",
        json!({ "UserPoolId": "us-east-1_a" }),
    );
    assert_eq!(there["UserPool"]["Name"], "there");
}

#[test]
fn clients_are_listed_by_pages() {
    let client = |id: &str| json!({ "ClientId": id, "ClientName": format!("name of {id}") });
    let mut local = Local::new(json!({ "Clients": [client("a"), client("b"), client("c")] }));
    make(
        &mut local,
        json!({ "Id": "eu-west-1_other", "PoolName": "other", "Clients": [client("aa")] }),
    )
    .unwrap();
    let of = json!({ "UserPoolId": POOL });
    let mut ids = |most: u64| {
        let what = ("ListUserPoolClients", "UserPoolClients", "ClientId");
        local.pages(what, with(of.clone(), json!({ "MaxResults": most })))
    };
    assert_eq!(ids(2), [vec!["a", "b"], vec!["c"]]);
    assert_eq!(ids(1), [["a"], ["b"], ["c"]]);
    assert_eq!(ids(3), [["a", "b", "c"]]);
    let listed = local.ok("ListUserPoolClients", of);
    assert_eq!(
        listed["UserPoolClients"][2],
        json!({ "ClientId": "c", "UserPoolId": POOL, "ClientName": "name of c" })
    );
}

/// The model, `ClientIdType`: `[\w+]+`, at most 128 characters.
#[test]
fn a_client_has_an_id_that_no_other_one_has() {
    let mut local = Local::new(json!({}));
    let mut of = |number: usize, id: &str| {
        let pool = format!("eu-west-1_{number}");
        let clients = json!([{ "ClientId": id }]);
        let description = json!({ "Id": pool, "PoolName": "mine", "Clients": clients });
        make(&mut local, description).map(|made| made.client_ids)
    };
    let longest = "a".repeat(128);
    for (at, id) in ["aZ0_9", longest.as_str()].into_iter().enumerate() {
        assert_eq!(of(at, id).unwrap(), [id]);
    }
    let too_long = format!("{longest}a");
    for id in ["", "a b", "a-b", "\u{e4}", too_long.as_str()] {
        let refused = of(9, id).unwrap_err();
        assert!(refused.contains("Invalid client id"), "{id}: {refused}");
    }
    // Also not one of another pool: InitiateAuth names no pool.
    let again = of(9, CLIENT).unwrap_err();
    let exists = format!("User pool client {CLIENT} exists.");
    assert!(again.contains(&exists), "{again}");
}

#[test]
fn a_client_keeps_its_name_and_its_secret_when_it_is_changed() {
    let mut local = Local::new(json!({}));
    let made = local.ok(
        "CreateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientName": "web", "GenerateSecret": true,
            "AccessTokenValidity": 2 }),
    )["UserPoolClient"]
        .clone();
    assert_eq!(made["CreationDate"], made["LastModifiedDate"]);
    let named = json!({ "UserPoolId": POOL, "ClientId": made["ClientId"] });
    local.advance(60);
    let changed = local.ok("UpdateUserPoolClient", named.clone())["UserPoolClient"].clone();
    assert_eq!(changed["ClientName"], "web");
    assert_eq!(changed["ClientSecret"], made["ClientSecret"]);
    assert_eq!(changed["CreationDate"], made["CreationDate"]);
    assert_eq!(changed["LastModifiedDate"], 1_772_323_260);
    // The model, UpdateUserPoolClient: what is left out goes back to its default.
    assert_ne!(changed["AccessTokenValidity"], 2);
    let renamed = with(named.clone(), json!({ "ClientName": "shop" }));
    let renamed = local.ok("UpdateUserPoolClient", renamed);
    assert_eq!(renamed["UserPoolClient"]["ClientName"], "shop");
    let shown = local.ok("DescribeUserPoolClient", named);
    assert_eq!(shown, renamed);

    let without = local.ok(
        "CreateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientName": "spa" }),
    );
    assert_eq!(without["UserPoolClient"].get("ClientSecret"), None);
    let own = "an_own_secret_of_twenty_four_characters";
    let given = local.ok(
        "CreateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientName": "own", "ClientSecret": own }),
    );
    assert_eq!(given["UserPoolClient"]["ClientSecret"], own);
}

/// The guide, "Configuring app clients": client credentials are for a client with a secret.
#[test]
fn a_client_without_a_secret_has_no_credentials_of_its_own() {
    let mut local = Local::new(
        json!({ "ResourceServers": [{ "Identifier": "photos", "Name": "Photos",
        "Scopes": [{ "ScopeName": "read", "ScopeDescription": "Read" }] }] }),
    );
    let machine = json!({ "UserPoolId": POOL, "ClientName": "machine",
        "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["photos/read"] });
    assert_eq!(
        local.err("CreateUserPoolClient", machine.clone()),
        "InvalidOAuthFlowException"
    );
    for secret in [
        json!({ "GenerateSecret": true }),
        json!({ "ClientSecret": "an_own_secret_of_twenty_four_characters" }),
    ] {
        let made = local.ok("CreateUserPoolClient", with(machine.clone(), secret));
        let id = &made["UserPoolClient"]["ClientId"];
        local.ok(
            "UpdateUserPoolClient",
            with(machine.clone(), json!({ "ClientId": id })),
        );
    }
    let spa = json!({ "UserPoolId": POOL, "ClientName": "spa" });
    let made = local.ok("CreateUserPoolClient", spa);
    let id = &made["UserPoolClient"]["ClientId"];
    assert_eq!(
        local.err(
            "UpdateUserPoolClient",
            with(machine, json!({ "ClientId": id }))
        ),
        "InvalidOAuthFlowException"
    );
}

#[test]
fn an_update_names_the_pool_anew_only_where_it_says_so() {
    let mut local = Local::new(json!({ "PoolName": "first" }));
    local.advance(60);
    local.ok("UpdateUserPool", json!({ "UserPoolId": POOL }));
    let shown = describe(&mut local);
    assert_eq!(shown["Name"], "first");
    assert_eq!(shown["CreationDate"], 1_772_323_200);
    assert_eq!(shown["LastModifiedDate"], 1_772_323_260);
    let renamed = json!({ "UserPoolId": POOL, "PoolName": "second" });
    local.ok("UpdateUserPool", renamed);
    assert_eq!(describe(&mut local)["Name"], "second");
}

/// The guide: aliases, user names, the schema and the case of names are said at creation alone.
#[test]
fn an_update_changes_nothing_of_what_is_said_at_creation_alone() {
    for said in [
        json!({ "AliasAttributes": ["email"] }),
        json!({ "UsernameAttributes": ["email"] }),
        json!({ "UsernameConfiguration": { "CaseSensitive": false } }),
        json!({ "Schema": [{ "Name": "tier", "AttributeDataType": "Number" }] }),
    ] {
        let mut local = Local::new(said);
        let before = describe(&mut local);
        local.ok("UpdateUserPool", json!({ "UserPoolId": POOL }));
        assert_eq!(describe(&mut local), before);
    }
}

/// What is kept for other operations is none of UpdateUserPool's.
#[test]
fn an_update_leaves_what_other_operations_set() {
    let mut local = Local::new(json!({}));
    let risk = json!({ "UserPoolId": POOL, "AccountTakeoverRiskConfiguration": {
        "Actions": { "HighAction": { "Notify": false, "EventAction": "BLOCK" } } } });
    local.ok("SetRiskConfiguration", risk);
    let read = |local: &mut Local| {
        let of = json!({ "UserPoolId": POOL });
        local.ok("DescribeRiskConfiguration", of)["RiskConfiguration"].clone()
    };
    let before = read(&mut local);
    local.ok("UpdateUserPool", json!({ "UserPoolId": POOL }));
    assert_eq!(read(&mut local), before);
    assert!(before.get("AccountTakeoverRiskConfiguration").is_some());
}

fn factors(local: &mut Local) -> Value {
    local.ok("GetUserPoolMfaConfig", json!({ "UserPoolId": POOL }))
}

fn passkeys() -> Value {
    json!({ "RelyingPartyId": "example.com", "UserVerification": "required" })
}

#[test]
fn an_update_turns_mfa_off_with_all_factors_and_on_with_sms() {
    let sms = json!({ "SnsCallerArn": ROLE, "ExternalId": "external" });
    let mut local = Local::verifying(json!({ "MfaConfig": { "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
        "WebAuthnConfiguration": passkeys() } }));
    let update = |more: Value| with(json!({ "UserPoolId": POOL, "SmsConfiguration": sms }), more);
    // Nothing is said, and nothing changes.
    local.ok("UpdateUserPool", update(json!({})));
    let token = json!({ "MfaConfiguration": "OPTIONAL", "WebAuthnConfiguration": passkeys(),
        "SoftwareTokenMfaConfiguration": { "Enabled": true } });
    assert_eq!(factors(&mut local), token);
    let mode = |mode: &str| update(json!({ "MfaConfiguration": mode }));
    local.ok("UpdateUserPool", mode("OPTIONAL"));
    assert_eq!(factors(&mut local), token);

    local.ok("UpdateUserPool", mode("OFF"));
    let off = json!({ "MfaConfiguration": "OFF", "WebAuthnConfiguration": passkeys() });
    assert_eq!(factors(&mut local), off);
    // As in CreateUserPool, which knows no other factor.
    local.ok("UpdateUserPool", mode("OPTIONAL"));
    let on = factors(&mut local);
    assert_eq!(on["MfaConfiguration"], "OPTIONAL");
    assert_eq!(
        on["SmsMfaConfiguration"]["SmsConfiguration"]["SnsCallerArn"],
        ROLE
    );
    assert_eq!(on["WebAuthnConfiguration"], passkeys());
    assert_eq!(on.get("SoftwareTokenMfaConfiguration"), None);
    // Without it, nobody could be sent a code.
    assert_eq!(
        local.message("UpdateUserPool", json!({ "UserPoolId": POOL })),
        "SMS configuration and Auto verification for phone_number are required when MFA is \
         required/optional"
    );
}

/// hashicorp/terraform-provider-aws and others quote the words: MFA is required at creation, or by
/// SetUserPoolMfaConfig.
#[test]
fn an_update_does_not_require_mfa_but_leaves_it_required() {
    let sms = json!({ "SnsCallerArn": ROLE, "ExternalId": "external" });
    let mut local = Local::verifying(json!({ "MfaConfiguration": "OPTIONAL" }));
    let update = |mode: &str| json!({ "UserPoolId": POOL, "SmsConfiguration": sms, "MfaConfiguration": mode });
    assert_eq!(
        local.refused("UpdateUserPool", update("ON")),
        invalid("Cannot turn MFA functionality ON, once the user pool has been created.")
    );
    let mut local = Local::verifying(json!({ "MfaConfiguration": "ON" }));
    local.ok("UpdateUserPool", update("ON"));
    assert_eq!(factors(&mut local)["MfaConfiguration"], "ON");
    local.ok("UpdateUserPool", update("OPTIONAL"));
    assert_eq!(factors(&mut local)["MfaConfiguration"], "OPTIONAL");
}

#[test]
fn an_update_does_not_bring_passkeys_into_a_pool_that_requires_mfa() {
    let sms = json!({ "SnsCallerArn": ROLE, "ExternalId": "external" });
    let mut local = Local::verifying(json!({ "MfaConfiguration": "ON" }));
    let policies =
        json!({ "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"] } });
    let update = json!({ "UserPoolId": POOL, "SmsConfiguration": sms, "Policies": policies });
    assert_eq!(
        local.refused("UpdateUserPool", update.clone()),
        invalid(
            "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA."
        )
    );
    let off = with(update, json!({ "MfaConfiguration": "OPTIONAL" }));
    local.ok("UpdateUserPool", off);
}

#[test]
fn an_update_checks_the_role_for_sms() {
    let mut local = Local::new(json!({}));
    let unknown = json!({ "SnsCallerArn": "arn:aws:iam::123456789012:role/unknown" });
    let update = json!({ "UserPoolId": POOL, "SmsConfiguration": unknown });
    assert_eq!(
        local.err("UpdateUserPool", update),
        "InvalidSmsRoleTrustRelationshipException"
    );
}

#[test]
fn a_pool_with_a_domain_is_not_deleted() {
    let mut local = Local::new(json!({ "Domain": "shop" }));
    let of = json!({ "UserPoolId": POOL });
    assert_eq!(
        local.refused("DeleteUserPool", of.clone()),
        invalid(
            "User pool cannot be deleted. It has a domain configured that should be deleted first."
        )
    );
    local.ok(
        "DeleteUserPoolDomain",
        with(of.clone(), json!({ "Domain": "shop" })),
    );
    local.ok("DeleteUserPool", of);
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let recovery = |names: &[&str]| {
        let mechanisms: Value = (names.iter().enumerate())
            .map(|(at, name)| json!({ "Priority": at + 1, "Name": name }))
            .collect();
        json!({ "AccountRecoverySetting": { "RecoveryMechanisms": mechanisms } })
    };
    let days = |unused: u64, temporary: Option<u64>| {
        let mut settings =
            json!({ "AdminCreateUserConfig": { "UnusedAccountValidityDays": unused } });
        if let Some(temporary) = temporary {
            let policy = json!({ "MinimumLength": 8, "TemporaryPasswordValidityDays": temporary });
            settings["Policies"] = json!({ "PasswordPolicy": policy });
        }
        settings
    };
    let waiting = |verified: Value| {
        json!({ "AutoVerifiedAttributes": verified, "UserAttributeUpdateSettings":
            { "AttributesRequireVerificationBeforeUpdate": ["email", "phone_number"] } })
    };
    let create = |more: Value| {
        let mut local = Local::new(json!({}));
        let input = with(json!({ "PoolName": "mine" }), more.clone());
        let made = local.call("CreateUserPool", input);
        // The words are the same where the pool is there already; aliases are not spoken of then.
        if more.get("AliasAttributes").is_none() {
            let input = with(json!({ "UserPoolId": POOL }), more);
            let updated = local.call("UpdateUserPool", input);
            assert_eq!(updated.err(), made.clone().err());
        }
        made.map(drop)
    };
    assert_eq!(
        create(json!({ "AliasAttributes": ["email"], "UsernameAttributes": ["email"] })),
        Err(invalid(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        ))
    );
    create(json!({ "AliasAttributes": ["email"] })).unwrap();
    create(json!({ "UsernameAttributes": ["email"] })).unwrap();

    // The model, UnusedAccountValidityDays: the policy's member takes its place.
    let instead = "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of \
                   UnusedAccountValidityDays";
    assert_eq!(create(days(3, Some(5))), Err(invalid(instead)));
    create(days(3, Some(3))).unwrap();
    create(days(3, None)).unwrap();

    let needs = |name: &str| {
        invalid(&format!(
            "AttributesRequireVerificationBeforeUpdate needs {name} in AutoVerifiedAttributes."
        ))
    };
    assert_eq!(create(waiting(json!([]))), Err(needs("email")));
    assert_eq!(
        create(waiting(json!(["email"]))),
        Err(needs("phone_number"))
    );
    create(waiting(json!(["email", "phone_number"]))).unwrap();

    let alone = "admin_only cannot be combined with other recovery mechanisms.";
    assert_eq!(
        create(recovery(&["admin_only", "verified_email"])),
        Err(invalid(alone))
    );
    create(recovery(&["admin_only"])).unwrap();
    create(recovery(&["verified_email", "verified_phone_number"])).unwrap();
}

#[test]
fn custom_attributes_come_to_those_that_are_there() {
    let mut local = Local::new(json!({}));
    let add = |attributes: Value| json!({ "UserPoolId": POOL, "CustomAttributes": attributes });
    let tier = json!({ "Name": "tier", "AttributeDataType": "Number" });
    local.ok("AddCustomAttributes", add(json!([tier])));
    let shown = describe(&mut local);
    let attributes = shown["SchemaAttributes"].as_array().unwrap();
    let names: Vec<&str> = (attributes.iter())
        .map(|attribute| attribute["Name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"custom:tier") && names.contains(&"email"));
    assert_eq!(
        local.err("AddCustomAttributes", add(json!([tier]))),
        "InvalidParameterException"
    );
}

/// A description names the mode beside the factors that it needs, and whose role sends SMS.
#[test]
fn a_description_is_read_as_a_whole() {
    let mut local = Local::new(json!({ "MfaConfiguration": "OPTIONAL",
        "MfaConfig": { "SoftwareTokenMfaConfiguration": { "Enabled": true } } }));
    assert_eq!(
        factors(&mut local),
        json!({ "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": { "Enabled": true } })
    );
    // What MfaConfig says itself comes first.
    let mut local = Local::new(json!({ "MfaConfiguration": "ON",
        "MfaConfig": { "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": { "Enabled": true } } }));
    assert_eq!(factors(&mut local)["MfaConfiguration"], "OPTIONAL");

    let create = |external: &str| {
        let sms = json!({ "SnsCallerArn": ROLE, "ExternalId": external });
        json!({ "PoolName": "other", "SmsConfiguration": sms })
    };
    let mut local = Local::verifying(json!({}));
    local.ok("CreateUserPool", create("external"));
    assert_eq!(
        local.err("CreateUserPool", create("somebody-elses")),
        "InvalidSmsRoleTrustRelationshipException"
    );
    // A role that asks for no external id trusts whoever brings one.
    let mut local = Local::new(json!({ "SmsConfiguration": { "SnsCallerArn": ROLE } }));
    local.ok("CreateUserPool", create("any"));

    let domain = |given: Value| {
        let mut local = Local::new(json!({ "Domain": given }));
        describe(&mut local)["Domain"].clone()
    };
    assert_eq!(domain(json!("shop")), "shop");
    assert_eq!(domain(json!({ "Domain": "shop" })), "shop");
    assert_eq!(domain(json!([{ "Domain": "shop" }])), "shop");
    let refused = make(&mut local, json!("a pool")).unwrap_err();
    assert!(refused.contains("described by an object"), "{refused}");
}
