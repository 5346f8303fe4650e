//! The local user pool, as the tests' server.

use std::{cell::RefCell, rc::Rc};

use cognito_pool::{Options, Pool, Request, SeededRandomness, Triggers};
use serde_json::{Value, json};

use super::{Clock, PASSWORD, USER, network::Answer};

/// A user pool with one app client. Clones share it, as tabs do.
#[derive(Clone)]
pub(crate) struct LocalPool {
    service: Rc<RefCell<(Pool, SeededRandomness)>>,
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
        let mut pool = Pool::new(Options::default());
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
            user_pool_id: created.user_pool_id,
            client_id: created.client_ids[0].clone(),
        }
    }

    pub(crate) fn answer(&self, operation: &str, input: &Value, wall: f64) -> Answer {
        let (pool, randomness) = &mut *self.service.borrow_mut();
        let response = pool.handle(
            &Request::operation(operation, input),
            wall as u64,
            randomness,
        );
        Answer {
            status: response.status,
            error_type: response.header("x-amzn-errortype").map(Into::into),
            body: match response.body.as_slice() {
                [] => Some(Value::Null),
                _ => Some(response.json()).filter(Value::is_object),
            },
        }
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

    /// Everything that it keeps.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn save(&self) -> String {
        self.service.borrow().0.save()
    }

    /// The same user pool as it was when `saved` was written; chance begins anew, at `seed`.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn restored(&self, saved: &str, seed: u64) -> Self {
        let pool = Pool::restore(Options::default(), saved).unwrap();
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
        let (pool, randomness) = &mut *self.service.borrow_mut();
        let response = pool.handle(&Request::get("/_pool/outbox"), 0, randomness);
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
