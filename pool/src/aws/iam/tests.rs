//! Roles and policies, as callers of IAM and as Cognito sees them.
#![allow(clippy::unwrap_used)]

use super::*;

const ACCOUNT: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::123456789012:role/sms";
const POOL: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI";
const PUBLISH: &str = r#"{"Statement":[{"Effect":"Allow","Action":"sns:publish","Resource":"*"}]}"#;

fn call(roles: &mut Roles, action: &str, form: &[(&str, &str)]) -> Result<(), QueryError> {
    let form = form
        .iter()
        .map(|(key, value)| format!("{key}={}", percent_encoded(value)))
        .collect::<Vec<_>>()
        .join("&");
    roles
        .handle(ACCOUNT, action, &Form::parse(form.as_bytes()), 0)
        .map(|_| ())
}

fn trust(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"cognito-idp.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{condition}}}]}}"#
    )
}

fn with_role(trust: &str) -> Roles {
    let mut roles = Roles::default();
    let form = [("RoleName", "sms"), ("AssumeRolePolicyDocument", trust)];
    call(&mut roles, "CreateRole", &form).unwrap();
    roles
}

fn put(roles: &mut Roles, name: &str, document: &str) -> Result<(), QueryError> {
    let form = [
        ("RoleName", "sms"),
        ("PolicyName", name),
        ("PolicyDocument", document),
    ];
    call(roles, "PutRolePolicy", &form)
}

fn may_send(roles: &Roles, external_id: Option<&str>) -> Result<(), SmsRoleError> {
    let caller = Caller {
        account_id: ACCOUNT,
        pool_arn: POOL,
        external_id,
    };
    roles.may_send(ROLE, caller, "+15550100")
}

#[test]
fn an_unknown_role_is_a_matter_of_trust() {
    assert_eq!(
        may_send(&Roles::default(), None),
        Err(SmsRoleError::TrustRelationship)
    );
}

#[test]
fn the_external_id_must_be_the_one_that_the_role_asks_for() {
    let mut roles = with_role(&trust(r#"{"StringEquals":{"sts:ExternalId":"e-1"}}"#));
    put(&mut roles, "publish", PUBLISH).unwrap();
    assert_eq!(may_send(&roles, Some("e-1")), Ok(()));
    for wrong in [None, Some("e-2"), Some("")] {
        assert_eq!(
            may_send(&roles, wrong),
            Err(SmsRoleError::TrustRelationship)
        );
    }
}

#[test]
fn source_account_and_source_arn_are_checked_where_the_role_asks_for_them() {
    for (condition, allowed) in [
        ("{}", true),
        (
            r#"{"StringEquals":{"aws:SourceAccount":"123456789012"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"aws:SourceAccount":"999999999999"}}"#,
            false,
        ),
        (
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI"}}"#,
            true,
        ),
        (
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Other"}}"#,
            false,
        ),
    ] {
        let mut roles = with_role(&trust(condition));
        put(&mut roles, "publish", PUBLISH).unwrap();
        assert_eq!(may_send(&roles, None).is_ok(), allowed, "{condition}");
    }
}

#[test]
fn a_role_that_trusts_another_service_cannot_be_assumed() {
    let mut roles =
        with_role(&trust("{}").replace("cognito-idp.amazonaws.com", "lambda.amazonaws.com"));
    put(&mut roles, "publish", PUBLISH).unwrap();
    assert_eq!(may_send(&roles, None), Err(SmsRoleError::TrustRelationship));
    let form = [("RoleName", "sms"), ("PolicyDocument", &trust("{}"))];
    call(&mut roles, "UpdateAssumeRolePolicy", &form).unwrap();
    assert_eq!(may_send(&roles, None), Ok(()));
}

#[test]
fn a_role_without_permission_to_publish() {
    let mut roles = with_role(&trust("{}"));
    assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
    put(&mut roles, "a", PUBLISH).unwrap();
    assert_eq!(may_send(&roles, None), Ok(()));
    put(&mut roles, "b", &PUBLISH.replace("Allow", "Deny")).unwrap();
    assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
}

#[test]
fn managed_policies_permit_what_they_are_for() {
    for (arn, allowed) in [
        ("arn:aws:iam::aws:policy/AmazonSNSFullAccess", true),
        ("arn:aws:iam::aws:policy/AdministratorAccess", true),
        ("arn:aws:iam::aws:policy/PowerUserAccess", true),
        ("arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess", false),
        ("arn:aws:iam::aws:policy/service-role/AmazonSNSRole", false),
    ] {
        let mut roles = with_role(&trust("{}"));
        let form = [("RoleName", "sms"), ("PolicyArn", arn)];
        call(&mut roles, "AttachRolePolicy", &form).unwrap();
        assert_eq!(may_send(&roles, None).is_ok(), allowed, "{arn}");
        call(&mut roles, "DetachRolePolicy", &form).unwrap();
        assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
    }
}

#[test]
fn a_policy_of_the_accounts_own_permits_what_it_says() {
    let mut roles = with_role(&trust("{}"));
    let arn = "arn:aws:iam::123456789012:policy/teams/publish";
    let attach = [("RoleName", "sms"), ("PolicyArn", arn)];
    let error = call(&mut roles, "AttachRolePolicy", &attach).unwrap_err();
    assert_eq!(error.code, "NoSuchEntity");
    let form = [
        ("PolicyName", "publish"),
        ("Path", "/teams/"),
        ("PolicyDocument", PUBLISH),
    ];
    call(&mut roles, "CreatePolicy", &form).unwrap();
    let error = call(&mut roles, "CreatePolicy", &form).unwrap_err();
    assert_eq!((error.status, error.code), (409, "EntityAlreadyExists"));
    assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
    call(&mut roles, "AttachRolePolicy", &attach).unwrap();
    assert_eq!(may_send(&roles, None), Ok(()));

    let of = [("PolicyArn", arn), ("VersionId", "v1")];
    for action in ["GetPolicy", "GetPolicyVersion", "ListPolicyVersions"] {
        call(&mut roles, action, &of).unwrap();
    }
    for action in ["ListAttachedRolePolicies", "ListRolePolicies"] {
        call(&mut roles, action, &attach).unwrap();
    }
    let error = call(&mut roles, "DeletePolicy", &of).unwrap_err();
    assert_eq!((error.status, error.code), (409, "DeleteConflict"));
    call(&mut roles, "DetachRolePolicy", &attach).unwrap();
    call(&mut roles, "DeletePolicy", &of).unwrap();
    assert_eq!(
        call(&mut roles, "GetPolicy", &of).unwrap_err().code,
        "NoSuchEntity"
    );
    let broken = [("PolicyName", "p"), ("PolicyDocument", "{}")];
    assert_eq!(
        call(&mut roles, "CreatePolicy", &broken).unwrap_err().code,
        "MalformedPolicyDocument"
    );
}

#[test]
fn errors_are_iams() {
    let good = trust("{}");
    let mut roles = with_role(&good);
    let unknown = "arn:aws:iam::aws:policy/NoSuchPolicy";
    for (action, form, status, code) in [
        ("GetRole", vec![("RoleName", "x")], 404, "NoSuchEntity"),
        ("GetRole", vec![], 400, "ValidationError"),
        (
            "CreateRole",
            vec![("RoleName", "sms"), ("AssumeRolePolicyDocument", &good)],
            409,
            "EntityAlreadyExists",
        ),
        (
            "CreateRole",
            vec![("RoleName", "a b"), ("AssumeRolePolicyDocument", &good)],
            400,
            "ValidationError",
        ),
        (
            "CreateRole",
            vec![("RoleName", "b"), ("AssumeRolePolicyDocument", "{}")],
            400,
            "MalformedPolicyDocument",
        ),
        (
            "CreateRole",
            vec![
                ("RoleName", "b"),
                ("AssumeRolePolicyDocument", &good),
                ("MaxSessionDuration", "60"),
            ],
            400,
            "ValidationError",
        ),
        (
            "PutRolePolicy",
            vec![
                ("RoleName", "sms"),
                ("PolicyName", "p"),
                ("PolicyDocument", &good),
            ],
            400,
            "MalformedPolicyDocument",
        ),
        (
            "AttachRolePolicy",
            vec![("RoleName", "sms"), ("PolicyArn", unknown)],
            404,
            "NoSuchEntity",
        ),
        (
            "DetachRolePolicy",
            vec![("RoleName", "sms"), ("PolicyArn", unknown)],
            404,
            "NoSuchEntity",
        ),
        (
            "DeleteRolePolicy",
            vec![("RoleName", "sms"), ("PolicyName", "p")],
            404,
            "NoSuchEntity",
        ),
        ("DeleteRole", vec![("RoleName", "x")], 404, "NoSuchEntity"),
        ("CreateUser", vec![], 400, "InvalidAction"),
    ] {
        let error = call(&mut roles, action, &form).unwrap_err();
        assert_eq!((error.status, error.code), (status, code), "{action}");
    }
}

#[test]
fn a_role_is_deleted_only_when_nothing_hangs_on_it() {
    let mut roles = with_role(&trust("{}"));
    put(&mut roles, "p", PUBLISH).unwrap();
    let error = call(&mut roles, "DeleteRole", &[("RoleName", "sms")]).unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (
            "DeleteConflict",
            "Cannot delete entity, must delete policies first."
        )
    );
    call(
        &mut roles,
        "DeleteRolePolicy",
        &[("RoleName", "sms"), ("PolicyName", "p")],
    )
    .unwrap();
    call(&mut roles, "DeleteRole", &[("RoleName", "sms")]).unwrap();
    assert!(call(&mut roles, "GetRole", &[("RoleName", "sms")]).is_err());
}
