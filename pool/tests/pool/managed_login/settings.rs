//! Domains, identity providers, resource servers, and what of them app clients may have.

use serde_json::{Value, json};

use super::browser::{CALLBACK, GOODBYE, client, local};
use crate::common::{CLIENT, Local, POOL};

fn of_pool(input: Value) -> Value {
    let mut input = input;
    input["UserPoolId"] = json!(POOL);
    input
}

#[test]
fn domains() {
    let mut local = Local::new(json!({}));
    let named = |name: &str| of_pool(json!({ "Domain": name }));
    assert_eq!(
        local.ok("DescribeUserPoolDomain", json!({ "Domain": "demo" })),
        json!({ "DomainDescription": {} })
    );
    for wrong in ["Demo", "-demo", "my-cognito", "amazon1", "auth.example.com"] {
        assert_eq!(
            local.err("CreateUserPoolDomain", named(wrong)),
            "InvalidParameterException"
        );
    }
    let made = local.ok("CreateUserPoolDomain", named("demo"));
    assert_eq!(made, json!({ "ManagedLoginVersion": 1 }));
    assert_eq!(
        local.err("CreateUserPoolDomain", named("demo")),
        "InvalidParameterException"
    );
    assert_eq!(
        local.err("CreateUserPoolDomain", named("demo2")),
        "InvalidParameterException"
    );
    let other = json!({ "Domain": "demo", "UserPoolId": "eu-west-1_None" });
    assert_eq!(
        local.err("CreateUserPoolDomain", other.clone()),
        "ResourceNotFoundException"
    );
    let described = local.ok("DescribeUserPoolDomain", json!({ "Domain": "demo" }));
    let description = &described["DomainDescription"];
    assert_eq!(
        (&description["UserPoolId"], &description["Status"]),
        (&json!(POOL), &json!("ACTIVE"))
    );
    assert_eq!(description["ManagedLoginVersion"], 1);
    // A pool may have one of its own beside.
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/abc";
    let own = of_pool(
        json!({ "Domain": "auth.example.com", "ManagedLoginVersion": 2,
        "CustomDomainConfig": { "CertificateArn": certificate } }),
    );
    let made = local.ok("CreateUserPoolDomain", own);
    assert_eq!(
        made,
        json!({ "ManagedLoginVersion": 2, "CloudFrontDomain": "127.0.0.1:9229" })
    );
    let pool = local.ok("DescribeUserPool", json!({ "UserPoolId": POOL }));
    assert_eq!(pool["UserPool"]["Domain"], "demo");
    assert_eq!(pool["UserPool"]["CustomDomain"], "auth.example.com");
    let update = of_pool(json!({ "Domain": "demo", "ManagedLoginVersion": 2 }));
    local.ok("UpdateUserPoolDomain", update);
    let described = local.ok("DescribeUserPoolDomain", json!({ "Domain": "demo" }));
    assert_eq!(described["DomainDescription"]["ManagedLoginVersion"], 2);
    assert_eq!(
        local.err("UpdateUserPoolDomain", named("none")),
        "ResourceNotFoundException"
    );
    // The pool stays while it has a domain.
    let delete = json!({ "UserPoolId": POOL });
    assert_eq!(
        local.err("DeleteUserPool", delete.clone()),
        "InvalidParameterException"
    );
    assert_eq!(
        local.err("DeleteUserPoolDomain", other),
        "InvalidParameterException"
    );
    local.ok("DeleteUserPoolDomain", named("demo"));
    assert_eq!(
        local.err("DeleteUserPoolDomain", named("demo")),
        "InvalidParameterException"
    );
    local.ok("DeleteUserPoolDomain", named("auth.example.com"));
    local.ok("DeleteUserPool", delete);
}

#[test]
fn identity_providers() {
    let mut local = Local::new(json!({}));
    let google = of_pool(json!({ "ProviderName": "Google", "ProviderType": "Google",
        "ProviderDetails": { "client_id": "x" }, "IdpIdentifiers": ["example.com"] }));
    let made = local.ok("CreateIdentityProvider", google.clone())["IdentityProvider"].clone();
    assert_eq!(
        made["AttributeMapping"],
        json!({ "email": "email", "username": "sub" })
    );
    assert_eq!(
        local.err("CreateIdentityProvider", google.clone()),
        "DuplicateProviderException"
    );
    for (member, value) in [
        ("ProviderName", json!("Goggle")),
        ("ProviderName", json!("COGNITO")),
        ("ProviderName", json!("Goo_gle")),
        ("AttributeMapping", json!({ "shoe_size": "size" })),
    ] {
        let mut wrong = google.clone();
        wrong["ProviderType"] = json!(if member == "ProviderName" {
            "Google"
        } else {
            "OIDC"
        });
        wrong["ProviderName"] = json!("Corp");
        wrong[member] = value;
        assert_eq!(
            local.err("CreateIdentityProvider", wrong),
            "InvalidParameterException"
        );
    }
    let mut corp = google.clone();
    corp["ProviderName"] = json!("Corp");
    corp["ProviderType"] = json!("SAML");
    assert_eq!(
        local.err("CreateIdentityProvider", corp.clone()),
        "InvalidParameterException"
    );
    corp["IdpIdentifiers"] = json!([]);
    local.ok("CreateIdentityProvider", corp);
    let found = local.ok(
        "GetIdentityProviderByIdentifier",
        of_pool(json!({ "IdpIdentifier": "example.com" })),
    );
    assert_eq!(found["IdentityProvider"]["ProviderName"], "Google");
    let first = local.ok("ListIdentityProviders", of_pool(json!({ "MaxResults": 1 })));
    assert_eq!(first["Providers"][0]["ProviderName"], "Corp");
    let next = of_pool(json!({ "MaxResults": 1, "NextToken": first["NextToken"] }));
    let second = local.ok("ListIdentityProviders", next);
    assert_eq!(second["Providers"][0]["ProviderName"], "Google");
    assert!(second.get("NextToken").is_none());
    let named = of_pool(json!({ "ProviderName": "Google" }));
    let mut update = named.clone();
    update["AttributeMapping"] = json!({ "name": "name" });
    let updated = local.ok("UpdateIdentityProvider", update);
    assert_eq!(
        updated["IdentityProvider"]["AttributeMapping"],
        json!({ "name": "name", "username": "sub" })
    );
    assert_eq!(
        updated["IdentityProvider"]["IdpIdentifiers"],
        json!(["example.com"])
    );
    let described = local.ok("DescribeIdentityProvider", named.clone());
    assert_eq!(described, updated);
    local.ok("DeleteIdentityProvider", named.clone());
    for operation in [
        "DescribeIdentityProvider",
        "UpdateIdentityProvider",
        "DeleteIdentityProvider",
    ] {
        assert_eq!(
            local.err(operation, named.clone()),
            "ResourceNotFoundException"
        );
    }
}

#[test]
fn resource_servers() {
    let mut local = Local::new(json!({}));
    let scope = |name: &str| json!({ "ScopeName": name, "ScopeDescription": "Something" });
    let notes = of_pool(json!({ "Identifier": "https://notes", "Name": "Notes",
        "Scopes": [scope("read"), scope("write")] }));
    let made = local.ok("CreateResourceServer", notes.clone());
    assert_eq!(made["ResourceServer"], notes);
    assert_eq!(
        local.err("CreateResourceServer", notes.clone()),
        "InvalidParameterException"
    );
    let mut twice = notes.clone();
    twice["Identifier"] = json!("other");
    twice["Scopes"] = json!([scope("read"), scope("read")]);
    assert_eq!(
        local.err("CreateResourceServer", twice.clone()),
        "InvalidParameterException"
    );
    twice["Scopes"] = json!([scope("a/b")]);
    assert_eq!(
        local.err("CreateResourceServer", twice.clone()),
        "InvalidParameterException"
    );
    twice.as_object_mut().unwrap().remove("Scopes");
    local.ok("CreateResourceServer", twice);
    let list = local.ok("ListResourceServers", of_pool(json!({ "MaxResults": 1 })));
    assert_eq!(list["ResourceServers"], json!([notes]));
    assert_eq!(list["NextToken"], "https://notes");
    let update = of_pool(json!({ "Identifier": "https://notes", "Name": "Notes 2",
        "Scopes": [scope("read")] }));
    local.ok("UpdateResourceServer", update.clone());
    let named = of_pool(json!({ "Identifier": "https://notes" }));
    let described = local.ok("DescribeResourceServer", named.clone());
    assert_eq!(described["ResourceServer"], update);
    local.ok("DeleteResourceServer", named.clone());
    for operation in ["DescribeResourceServer", "DeleteResourceServer"] {
        assert_eq!(
            local.err(operation, named.clone()),
            "ResourceNotFoundException"
        );
    }
    assert_eq!(
        local.err("UpdateResourceServer", update),
        "ResourceNotFoundException"
    );
}

#[test]
fn an_app_client_keeps_and_shows_what_it_may() {
    let mut local = local();
    let named = of_pool(json!({ "ClientId": CLIENT }));
    let described = local.ok("DescribeUserPoolClient", named)["UserPoolClient"].clone();
    for member in [
        "CallbackURLs",
        "LogoutURLs",
        "AllowedOAuthFlows",
        "AllowedOAuthScopes",
        "AllowedOAuthFlowsUserPoolClient",
        "SupportedIdentityProviders",
    ] {
        assert_eq!(described[member], client()[member], "{member}");
    }
    let plain = local.ok(
        "CreateUserPoolClient",
        of_pool(json!({ "ClientName": "plain" })),
    );
    let plain = &plain["UserPoolClient"];
    assert_eq!(plain["AllowedOAuthFlowsUserPoolClient"], false);
    assert!(plain.get("CallbackURLs").is_none());
}

#[test]
fn an_app_client_may_not_have_what_does_not_fit() {
    let mut local = local();
    let invalid = "InvalidParameterException";
    let flow = "InvalidOAuthFlowException";
    for (changes, expected) in [
        (
            json!({ "CallbackURLs": ["http://app.example.com/"] }),
            invalid,
        ),
        (
            json!({ "CallbackURLs": [format!("{CALLBACK}#here")] }),
            invalid,
        ),
        (json!({ "CallbackURLs": ["app.example.com"] }), invalid),
        (json!({ "CallbackURLs": ["javascript:alert(1)"] }), invalid),
        (
            json!({ "LogoutURLs": ["http://app.example.com/"] }),
            invalid,
        ),
        (json!({ "DefaultRedirectURI": GOODBYE }), invalid),
        (
            json!({ "SupportedIdentityProviders": ["Facebook"] }),
            invalid,
        ),
        (
            json!({ "AllowedOAuthScopes": ["openid", "notes/write"] }),
            "ScopeDoesNotExistException",
        ),
        (
            json!({ "AllowedOAuthScopes": ["other"] }),
            "ScopeDoesNotExistException",
        ),
        (json!({ "AllowedOAuthScopes": [] }), flow),
        (json!({ "AllowedOAuthFlows": [] }), flow),
        (json!({ "CallbackURLs": [] }), flow),
        (
            json!({ "AllowedOAuthFlows": ["code", "client_credentials"],
            "AllowedOAuthScopes": ["notes/read"], "GenerateSecret": true }),
            flow,
        ),
        (
            json!({ "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["notes/read"] }),
            flow,
        ),
        (
            json!({ "AllowedOAuthFlows": ["client_credentials"], "GenerateSecret": true }),
            flow,
        ),
    ] {
        let mut input = client();
        input.as_object_mut().unwrap().remove("ClientId");
        for (name, value) in changes.as_object().unwrap() {
            input[name] = value.clone();
        }
        let refused = local.err("CreateUserPoolClient", of_pool(input.clone()));
        assert_eq!(refused, expected, "{changes}");
        input["ClientId"] = json!(CLIENT);
        input.as_object_mut().unwrap().remove("GenerateSecret");
        let refused = local.err("UpdateUserPoolClient", of_pool(input));
        assert_eq!(refused, expected, "{changes}");
    }
    local.ok("UpdateUserPoolClient", of_pool(client()));
}

#[test]
fn lists_go_on_where_they_stopped() {
    let mut local = Local::new(json!({}));
    for name in ["a", "b", "c"] {
        local.ok(
            "CreateResourceServer",
            of_pool(json!({ "Identifier": name, "Name": name })),
        );
        local.ok(
            "CreateIdentityProvider",
            of_pool(
                json!({ "ProviderName": format!("idp-{name}"), "ProviderType": "OIDC",
                "ProviderDetails": {} }),
            ),
        );
    }
    for (operation, rows, member, all) in [
        (
            "ListResourceServers",
            "ResourceServers",
            "Identifier",
            ["a", "b", "c"],
        ),
        (
            "ListIdentityProviders",
            "Providers",
            "ProviderName",
            ["idp-a", "idp-b", "idp-c"],
        ),
    ] {
        let names = |reply: &Value| -> Vec<Value> {
            let rows = reply[rows].as_array().unwrap().iter();
            rows.map(|row| row[member].clone()).collect()
        };
        let first = local.ok(operation, of_pool(json!({ "MaxResults": 2 })));
        assert_eq!(names(&first), all[..2]);
        let next = json!({ "MaxResults": 2, "NextToken": first["NextToken"] });
        let second = local.ok(operation, of_pool(next));
        assert_eq!(names(&second), all[2..]);
        assert!(second.get("NextToken").is_none());
        let whole = local.ok(operation, of_pool(json!({ "MaxResults": 3 })));
        assert!(whole.get("NextToken").is_none());
        assert_eq!(names(&local.ok(operation, of_pool(json!({})))), all);
    }
    // The model: from 0. Nobody asks for nothing.
    let none = local.ok("ListIdentityProviders", of_pool(json!({ "MaxResults": 0 })));
    assert_eq!(none["Providers"].as_array().unwrap().len(), 3);
}

#[test]
fn what_is_only_kept_is_shown_again() {
    let mut local = Local::new(json!({}));
    let routing = json!({ "Failover": { "SecondaryRegion": "eu-central-1",
        "PrimaryRoute53HealthCheckId": "00000000-0000-4000-8000-000000000000" } });
    let made = local.ok(
        "CreateUserPoolDomain",
        of_pool(json!({ "Domain": "demo", "Routing": routing })),
    );
    assert_eq!(made["Routing"], routing);
    let update = of_pool(json!({ "Domain": "demo", "ManagedLoginVersion": 2 }));
    let updated = local.ok("UpdateUserPoolDomain", update);
    assert_eq!(updated["Routing"], routing);
    let shown = local.ok("DescribeUserPoolDomain", json!({ "Domain": "demo" }));
    assert_eq!(shown["DomainDescription"]["Routing"], routing);
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/abc";
    let custom = of_pool(json!({ "Domain": "demo",
        "CustomDomainConfig": { "CertificateArn": certificate } }));
    assert_eq!(
        local.message("UpdateUserPoolDomain", custom),
        "A prefix domain has no CustomDomainConfig."
    );

    let acr = json!({ "Level1": "urn:level" });
    let oidc = of_pool(json!({ "ProviderName": "Corp", "ProviderType": "OIDC",
        "ProviderDetails": {}, "AcrMapping": acr }));
    let made = local.ok("CreateIdentityProvider", oidc);
    assert_eq!(made["IdentityProvider"]["AcrMapping"], acr);
    local.advance(60);
    let named = of_pool(json!({ "ProviderName": "Corp" }));
    let updated = local.ok("UpdateIdentityProvider", named)["IdentityProvider"].clone();
    assert_eq!(updated["AcrMapping"], acr);
    assert_eq!(updated["CreationDate"], 1_772_323_200);
    assert_eq!(updated["LastModifiedDate"], 1_772_323_260);
    let taken = of_pool(json!({ "ProviderName": "Corp", "ProviderType": "OIDC",
        "ProviderDetails": {} }));
    assert_eq!(
        local.err("CreateIdentityProvider", taken),
        "DuplicateProviderException"
    );
}

/// The model, CreateIdentityProvider: the social providers are named after their type; COGNITO is the pool
/// itself.
#[test]
fn a_provider_has_a_name_of_its_own_and_maps_what_the_pool_has() {
    let mut local = Local::new(json!({}));
    let mut create = |name: &str, kind: &str, mapping: Value| {
        let input = json!({ "ProviderName": name, "ProviderType": kind, "ProviderDetails": {},
            "AttributeMapping": mapping });
        let made = local.call("CreateIdentityProvider", of_pool(input));
        made.map(drop).map_err(|refused| refused.1)
    };
    let email = || json!({ "email": "email" });
    for (name, kind) in [
        ("Goggle", "Google"),
        ("google", "Google"),
        ("COGNITO", "OIDC"),
        ("Cognito", "SAML"),
    ] {
        assert_eq!(
            create(name, kind, email()),
            Err(format!(
                "{name} is not a name for a provider of the type {kind}."
            ))
        );
    }
    create("Google", "Google", email()).unwrap();
    create("Goggle", "OIDC", email()).unwrap();
    assert_eq!(
        create(
            "Corp",
            "OIDC",
            json!({ "email": "email", "shoe_size": "size" })
        ),
        Err(
            "Attribute mapping contains an attribute that the user pool does not have: shoe_size."
                .to_owned()
        )
    );
    let flags = json!({ "username": "id", "email_verified": "v", "phone_number_verified": "v",
        "given_name": "name" });
    create("Corp", "OIDC", flags).unwrap();
}
