//! The local user pool, as the tests' server.

use std::{cell::RefCell, rc::Rc};

use cognito_pool::{Options, Pool, Request, Response, SeededRandomness, Triggers, percent_encoded};
use serde_json::{Value, json};

use super::{Clock, PASSWORD, USER, network::Answer};

/// A user pool with one app client. Clones share it, as tabs do.
#[derive(Clone)]
pub(crate) struct LocalPool {
    service: Rc<RefCell<(Pool, SeededRandomness)>>,
    pub(crate) options: Options,
    pub(crate) user_pool_id: String,
    pub(crate) client_id: String,
}

impl LocalPool {
    /// Verifies phone and email; MFA is off.
    pub(crate) fn new() -> Self {
        Self::with(json!({}), json!({}))
    }

    /// SMS as the required second factor.
    pub(crate) fn with_sms_mfa() -> Self {
        let required = json!({ "Name": "phone_number", "Required": true });
        Self::with(
            json!({
                "Schema": [required],
                "MfaConfig": {
                    "MfaConfiguration": "ON",
                    "SmsMfaConfiguration": { "SmsConfiguration": sms_configuration() },
                },
            }),
            json!({}),
        )
    }

    /// Where an authenticator app or codes by email can be set up, and alice has neither, nor an address.
    pub(crate) fn to_set_up_either() -> Self {
        let settings = json!({
            "EmailConfiguration": {
                "EmailSendingAccount": "DEVELOPER",
                "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
            },
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [{ "Name": "verified_phone_number", "Priority": 1 }],
            },
            "MfaConfig": {
                "MfaConfiguration": "ON",
                "SoftwareTokenMfaConfiguration": { "Enabled": true },
                "EmailMfaConfiguration": {},
            },
        });
        let pool = Self::with(settings, json!({}));
        pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
        pool
    }

    /// With further settings of the pool and the client.
    pub(crate) fn with(settings: Value, client: Value) -> Self {
        Self::with_options(Options::default(), settings, client)
    }

    /// The same, of a pool that behaves otherwise.
    pub(crate) fn with_options(options: Options, settings: Value, client: Value) -> Self {
        let mut pool = Pool::new(options.clone());
        let mut randomness = SeededRandomness::new(7);
        let mut all_client = json!({
            "ClientName": "tests",
            "ExplicitAuthFlows": [
                "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        });
        merge(&mut all_client, client);
        let mut all = json!({
            "Id": "eu-west-1_TestPool1",
            "PoolName": "tests",
            "AutoVerifiedAttributes": ["email", "phone_number"],
            "SmsConfiguration": sms_configuration(),
            "Clients": [all_client],
        });
        merge(&mut all, settings);
        let created = pool.create_user_pool(&all, 0, &mut randomness).unwrap();
        pool.account_mut()
            .grant_monthly_spend(cognito_pool::money::MicroUsd::from_usd(1_000));
        Self {
            service: Rc::new(RefCell::new((pool, randomness))),
            options,
            user_pool_id: created.user_pool_id,
            client_id: created.client_ids[0].clone(),
        }
    }

    pub(crate) fn answer(&self, operation: &str, input: &Value, wall: f64) -> Answer {
        let response = self.handle(&Request::operation(operation, input), wall);
        Answer {
            status: response.status,
            error_type: response.header("x-amzn-errortype").map(Into::into),
            body: match response.body.as_slice() {
                [] => Some(Value::Null),
                _ => Some(response.json()).filter(Value::is_object),
            },
        }
    }

    /// Any request, of HTTP.
    pub(crate) fn handle(&self, request: &Request, wall: f64) -> Response {
        let (pool, randomness) = &mut *self.service.borrow_mut();
        pool.handle(request, wall as u64, randomness)
    }

    /// An administrator's operation, which must succeed.
    pub(crate) fn admin(&self, operation: &str, mut input: Value, wall: f64) -> Value {
        merge(&mut input, json!({ "UserPoolId": self.user_pool_id }));
        let answer = self.answer(operation, &input, wall);
        assert_eq!(answer.status, 200, "{operation}: {answer:?}");
        answer.body.unwrap()
    }

    /// Makes a confirmed user with these attributes, verified or not as they say; not, if they do not
    /// say. (An administrator who does not say leaves it open.)
    pub(crate) fn add_user(&self, name: &str, password: &str, mut attributes: Value, wall: f64) {
        for (name, flag) in [
            ("email", "email_verified"),
            ("phone_number", "phone_number_verified"),
        ] {
            if attributes.get(name).is_some() && attributes.get(flag).is_none() {
                attributes[flag] = json!("false");
            }
        }
        let attributes: Vec<Value> = attributes
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect();
        self.admin(
            "AdminCreateUser",
            json!({ "Username": name, "UserAttributes": attributes, "MessageAction": "SUPPRESS" }),
            wall,
        );
        let password = json!({ "Username": name, "Password": password, "Permanent": true });
        self.admin("AdminSetUserPassword", password, wall);
    }

    /// No message can be paid for any more.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn spend_everything(&self) {
        let account = &mut self.service.borrow_mut().0;
        let all = cognito_pool::money::MicroUsd::from_usd(1_000);
        account.account_mut().spend(all, Clock::new().wall as u64);
    }

    /// The role for SMS is one that only another service may assume.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn distrust_role(&self) {
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
        let policy = percent_encoded(&policy.to_string());
        let form = "Action=UpdateAssumeRolePolicy&Version=2010-05-08&RoleName=tests-sms";
        let request = Request {
            method: "POST".into(),
            path: "/".into(),
            headers: vec![(
                "Content-Type".into(),
                "application/x-www-form-urlencoded".into(),
            )],
            body: format!("{form}&PolicyDocument={policy}").into_bytes(),
        };
        let response = self.handle(&request, Clock::new().wall);
        assert_eq!(response.status, 200, "{:?}", response.error_name());
    }

    /// Everything that it keeps.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn save(&self) -> String {
        self.service.borrow().0.save()
    }

    /// The same user pool as it was when `saved` was written; chance begins anew, at `seed`.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn restored(&self, saved: &str, seed: u64) -> Self {
        let pool = Pool::restore(self.options.clone(), saved).unwrap();
        let service = Rc::new(RefCell::new((pool, SeededRandomness::new(seed))));
        Self {
            service,
            ..self.clone()
        }
    }

    /// The functions that the app puts into the pool's flows.
    pub(crate) fn set_triggers(&self, triggers: impl Triggers + 'static) {
        self.service.borrow_mut().0.set_triggers(Box::new(triggers));
    }

    /// Every message that was sent so far, oldest first.
    pub(crate) fn outbox(&self) -> Vec<Value> {
        let response = self.handle(&Request::get("/_pool/outbox"), 0.0);
        response.json().as_array().cloned().unwrap()
    }

    /// The code of the latest message.
    pub(crate) fn code(&self) -> String {
        let outbox = self.outbox();
        outbox.last().unwrap()["code"].as_str().unwrap().into()
    }
}

pub(crate) fn sms_configuration() -> Value {
    json!({
        "SnsCallerArn": "arn:aws:iam::123456789012:role/service-role/tests-sms",
        "ExternalId": "tests",
    })
}

/// Puts the members of `more` over those of `base`.
pub(crate) fn merge(base: &mut Value, more: Value) {
    if let (Value::Object(base), Value::Object(more)) = (base, more) {
        base.extend(more);
    }
}
