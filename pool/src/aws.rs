//! The neighbours of Cognito that sending an SMS needs: IAM for permission, SNS for the spend limit
//! and Support to have it raised, each in the protocol that the AWS CLI speaks.
//!
//! Requests are not authenticated: whoever reaches the service is its administrator, and a
//! signature is neither asked for nor checked.

mod condition;
mod customer;
mod iam;
mod policy;
mod query;
mod role;
pub mod sms;
mod sns;
mod support;
mod wildcard;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use role::SmsRoleError;

use crate::money::{MicroUsd, Prices, Spending};
use crate::randomness::{Draw, Randomness};
use crate::wire::{CONTENT_TYPE, Request, Response};
use query::{Form, QueryError};

const SUPPORT_PREFIX: &str = "AWSSupport_20130415.";
const IAM_NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const SNS_NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// An AWS account, as far as SMS go: its roles, its money, its support cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    id: String,
    roles: iam::Roles,
    sms_attributes: sns::SmsAttributes,
    cases: support::Cases,
    spending: Spending,
    prices: Prices,
}

impl Account {
    /// A new account with that twelve-digit id: no roles, one dollar a month for SMS.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            roles: iam::Roles::default(),
            sms_attributes: sns::SmsAttributes::default(),
            cases: support::Cases::default(),
            spending: Spending::default(),
            prices: Prices::default(),
        }
    }

    /// The account's twelve-digit id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What was spent on SMS and what bounds it.
    #[must_use]
    pub fn spending(&self) -> &Spending {
        &self.spending
    }

    /// Adds the role of that ARN as the Cognito console makes one for SMS: it trusts Cognito, with
    /// that external id if there is one, and may publish. False, and no change, when there is a role
    /// of that name already or the ARN is not one of a role in this account.
    pub fn add_sms_role(&mut self, role_arn: &str, external_id: Option<&str>, now_ms: u64) -> bool {
        self.roles
            .add_sms_role(&self.id, role_arn, external_id, now_ms)
    }

    /// Spends `cost` at `now_ms` as messages would; false, and nothing spent, when that would pass the
    /// month's limit.
    pub fn spend(&mut self, cost: MicroUsd, now_ms: u64) -> bool {
        self.spending.spend(cost, now_ms)
    }

    /// What a message costs, and the most that one may.
    #[must_use]
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Replaces the price list.
    pub fn set_prices(&mut self, prices: Prices) {
        self.prices = prices;
    }

    /// Sets what AWS allows the account to spend in a month, and the limit with it: the state after
    /// a support case was granted and its value applied.
    pub fn grant_monthly_spend(&mut self, limit: MicroUsd) {
        self.spending.raise_quota(limit);
        self.spending.set_limit(limit);
    }

    /// Whether `request` may be one for [`handle`](Self::handle): what is not need not pay for a
    /// change of the account.
    pub(crate) fn takes(request: &Request) -> bool {
        match request.header("x-amz-target") {
            Some(target) => target.starts_with(SUPPORT_PREFIX),
            None => {
                let media_type = request.header("content-type").unwrap_or_default();
                request.method == "POST"
                    && media_type.starts_with("application/x-www-form-urlencoded")
            }
        }
    }

    /// Answers `request` if it is for IAM, SNS or Support; `None` if it is for somebody else.
    pub fn handle(
        &mut self,
        request: &Request,
        now_ms: u64,
        randomness: &mut dyn Randomness,
    ) -> Option<Response> {
        if let Some(target) = request.header("x-amz-target") {
            let operation = target.strip_prefix(SUPPORT_PREFIX)?;
            let reply = self.support(operation, &request.body, now_ms);
            return Some(json_reply(reply, &randomness.uuid()));
        }
        let media_type = request.header("content-type")?;
        if request.method != "POST" || !media_type.starts_with("application/x-www-form-urlencoded")
        {
            return None;
        }
        let form = Form::parse(&request.body);
        let action = form.value("Action")?;
        let request_id = randomness.uuid();
        let (namespace, outcome) = match form.value("Version") {
            Some("2010-05-08") => {
                let outcome = self.roles.handle(&self.id, action, &form, now_ms);
                (IAM_NAMESPACE, outcome)
            }
            Some("2010-03-31") => {
                let outcome = self
                    .sms_attributes
                    .handle(&mut self.spending, action, &form);
                (SNS_NAMESPACE, outcome)
            }
            other => {
                let version = other.unwrap_or_default();
                (IAM_NAMESPACE, Err(unknown_action(action, version)))
            }
        };
        Some(query::reply(action, namespace, &request_id, outcome))
    }

    /// Whether the pool may publish to `phone_number` (`*` for any) with the role of that ARN.
    fn may_send(
        &self,
        role_arn: &str,
        external_id: Option<&str>,
        pool_arn: &str,
        phone_number: &str,
    ) -> Result<(), SmsRoleError> {
        let caller = role::Caller {
            account_id: &self.id,
            pool_arn,
            external_id,
        };
        self.roles.may_send(role_arn, caller, phone_number)
    }

    fn support(
        &mut self,
        operation: &str,
        body: &[u8],
        now_ms: u64,
    ) -> Result<Value, support::Refusal> {
        let input = match serde_json::from_slice(body) {
            Ok(input @ Value::Object(_)) => input,
            _ => return Err(("SerializationException", String::new())),
        };
        let (spending, id) = (&mut self.spending, &self.id);
        self.cases.handle(spending, id, operation, &input, now_ms)
    }
}

fn json_reply(reply: Result<Value, support::Refusal>, request_id: &str) -> Response {
    let mut response = match reply {
        Ok(body) => Response::with_json(200, CONTENT_TYPE, &body),
        Err((name, message)) => {
            let body = json!({ "__type": name, "message": crate::error::bounded(&message) });
            let mut response = Response::with_json(400, CONTENT_TYPE, &body);
            let header = ("x-amzn-errortype".to_owned(), format!("{name}:"));
            response.headers.push(header);
            response
        }
    };
    let header = ("x-amzn-requestid".to_owned(), request_id.to_owned());
    response.headers.push(header);
    response
}

fn unknown_action(action: &str, version: &str) -> QueryError {
    QueryError::new(
        400,
        "InvalidAction",
        format!("Could not find operation {action} for version {version}"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::randomness::SeededRandomness;

    fn post(headers: &[(&str, &str)], body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn form(body: &str) -> Request {
        let media_type = "application/x-www-form-urlencoded; charset=utf-8";
        post(&[("content-type", media_type)], body)
    }

    fn support(operation: &str, input: &Value) -> Request {
        let target = format!("{SUPPORT_PREFIX}{operation}");
        post(&[("x-amz-target", &target)], &input.to_string())
    }

    fn answer(account: &mut Account, request: &Request) -> (u16, String) {
        let reply = account
            .handle(request, 0, &mut SeededRandomness::new(1))
            .unwrap();
        assert!(reply.header("x-amzn-requestid").is_some());
        (reply.status, String::from_utf8(reply.body).unwrap())
    }

    #[test]
    fn a_case_lets_the_account_raise_its_limit() {
        let mut account = Account::new("123456789012");
        let raise = form(
            "Action=SetSMSAttributes&Version=2010-03-31&attributes.entry.1.key=MonthlySpendLimit\
             &attributes.entry.1.value=20",
        );
        assert_eq!(answer(&mut account, &raise).0, 400);
        let body = "New limit value: 20\nUse case: sign-in codes";
        let open = support(
            "CreateCase",
            &json!({ "subject": "SMS", "communicationBody": body }),
        );
        let reply: Value = serde_json::from_str(&answer(&mut account, &open).1).unwrap();
        assert_eq!(answer(&mut account, &raise).0, 400);
        let resolve = support("ResolveCase", &json!({ "caseId": reply["caseId"] }));
        assert_eq!(answer(&mut account, &resolve).0, 200);
        assert_eq!(answer(&mut account, &raise).0, 200);
        assert_eq!(account.spending().limit(), MicroUsd::from_usd(20));
    }

    #[test]
    fn requests_for_others_are_left_alone() {
        let mut account = Account::new("123456789012");
        for request in [
            Request::get("/"),
            Request::operation("SignUp", &json!({})),
            post(&[("content-type", "application/json")], "{}"),
            form("a=b"),
        ] {
            let reply = account.handle(&request, 0, &mut SeededRandomness::new(1));
            assert!(reply.is_none(), "{request:?}");
        }
    }

    #[test]
    fn unknown_operations_are_said_to_be() {
        let mut account = Account::new("123456789012");
        for body in [
            "Action=ListUsers&Version=2010-05-08",
            "Action=Publish&Version=2010-03-31",
            "Action=GetCallerIdentity&Version=2011-06-15",
        ] {
            let (status, reply) = answer(&mut account, &form(body));
            assert_eq!(status, 400);
            assert!(reply.contains("<Code>InvalidAction</Code>"), "{reply}");
        }
        let (status, reply) = answer(&mut account, &support("AddCommunication", &json!({})));
        assert_eq!(status, 400);
        assert!(reply.contains("UnknownOperationException"), "{reply}");
        let broken = post(&[("x-amz-target", "AWSSupport_20130415.CreateCase")], "{");
        assert!(
            answer(&mut account, &broken)
                .1
                .contains("SerializationException")
        );
    }

    #[test]
    fn no_request_however_garbled_breaks_anything() {
        let policy = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":["a"]},"Action":"sts:*","Condition":{"StringLike":{"sts:ExternalId":["*","?"]}}}]}"#;
        let encoded = crate::wire::percent_encoded(policy);
        let whole = [
            format!(
                "Action=CreateRole&Version=2010-05-08&RoleName=a&AssumeRolePolicyDocument={encoded}"
            ),
            "Action=SetSMSAttributes&Version=2010-03-31&attributes.entry.1.key=MonthlySpendLimit\
             &attributes.entry.1.value=1"
                .to_owned(),
            r#"{"subject":"a","communicationBody":"New limit value: 2\nUse case: b","caseId":"x"}"#
                .to_owned(),
        ];
        let mut randomness = SeededRandomness::new(5);
        let mut draw = |below: usize| {
            let mut bytes = [0; 4];
            randomness.fill(&mut bytes);
            usize::try_from(u32::from_be_bytes(bytes)).unwrap() % below
        };
        let mut account = Account::new("123456789012");
        for _ in 0..3_000 {
            let at = draw(whole.len());
            let mut body = whole[at].clone().into_bytes();
            for _ in 0..=draw(4) {
                if body.is_empty() {
                    break;
                }
                let place = draw(body.len());
                match draw(3) {
                    0 => drop(body.remove(place)),
                    1 => body[place] = u8::try_from(draw(256)).unwrap(),
                    _ => body.truncate(place.max(1)),
                }
            }
            let header = match at {
                2 => ("x-amz-target", "AWSSupport_20130415.CreateCase"),
                _ => ("content-type", "application/x-www-form-urlencoded"),
            };
            let request = Request {
                body,
                ..post(&[header], "")
            };
            if let Some(reply) = account.handle(&request, 0, &mut SeededRandomness::new(1)) {
                assert!((200..500).contains(&reply.status));
            }
        }
        assert!(account.spending().limit() <= account.spending().quota());
    }

    #[test]
    fn the_state_survives_being_written_and_read() {
        let mut account = Account::new("123456789012");
        account.grant_monthly_spend(MicroUsd::from_usd(5));
        account.set_prices(Prices::flat(MicroUsd::new(1)));
        let written = serde_json::to_string(&account).unwrap();
        assert_eq!(serde_json::from_str::<Account>(&written).unwrap(), account);
    }
}
