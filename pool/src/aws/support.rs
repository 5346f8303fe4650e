//! Support cases: how an account asks for a higher SMS spending quota.
//!
//! Shapes from the AWS Support service description of 2013-04-15. What a case must say is from the
//! Amazon SNS developer guide, "Requesting increases to your monthly SMS spending quota": the new
//! limit value and a use case. There the people at AWS decide; here a case that says both is
//! approved when it is resolved, and one that does not is closed without effect.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::money::{MicroUsd, Spending, iso8601};

/// The cases of one account, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cases(Vec<Case>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Case {
    id: String,
    display_id: String,
    created_at: u64,
    resolved: bool,
    subject: String,
    body: String,
    service_code: String,
    category_code: String,
    severity_code: String,
    language: String,
    cc: Vec<String>,
}

/// A refusal: the exception's name and what it says.
pub(super) type Refusal = (&'static str, String);

impl Cases {
    /// Answers a Support operation.
    pub(super) fn handle(
        &mut self,
        spending: &mut Spending,
        account_id: &str,
        operation: &str,
        input: &Value,
        now_ms: u64,
    ) -> Result<Value, Refusal> {
        match operation {
            "CreateCase" => self.create(account_id, input, now_ms),
            "DescribeCases" => self.describe(input),
            "ResolveCase" => self.resolve(spending, input),
            _ => Err(("UnknownOperationException", String::new())),
        }
    }

    fn create(&mut self, account_id: &str, input: &Value, now_ms: u64) -> Result<Value, Refusal> {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let required = |name: &str| {
            text(name)
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| {
                    let message = format!(
                        "1 validation error detected: Value null at '{name}' failed to satisfy \
                         constraint: Member must not be null"
                    );
                    ("ValidationException", message)
                })
        };
        let number = self.0.len().saturating_add(1);
        let id = format!("case-{account_id}-local-{number:06}");
        self.0.push(Case {
            id: id.clone(),
            display_id: format!("{number:010}"),
            created_at: now_ms,
            resolved: false,
            subject: required("subject")?,
            body: required("communicationBody")?,
            service_code: text("serviceCode").unwrap_or("general-info").to_owned(),
            category_code: text("categoryCode").unwrap_or("other").to_owned(),
            severity_code: text("severityCode").unwrap_or("low").to_owned(),
            language: text("language").unwrap_or("en").to_owned(),
            cc: strings(input.get("ccEmailAddresses")),
        });
        Ok(json!({ "caseId": id }))
    }

    fn describe(&self, input: &Value) -> Result<Value, Refusal> {
        let flag =
            |name: &str, default: bool| input.get(name).and_then(Value::as_bool).unwrap_or(default);
        let wanted = strings(input.get("caseIdList"));
        for id in &wanted {
            self.find(id)?;
        }
        let cases: Vec<Value> = self
            .0
            .iter()
            .filter(|case| wanted.is_empty() || wanted.contains(&case.id))
            .filter(|case| !case.resolved || flag("includeResolvedCases", false))
            .map(|case| case.json(flag("includeCommunications", true)))
            .collect();
        Ok(json!({ "cases": cases }))
    }

    fn resolve(&mut self, spending: &mut Spending, input: &Value) -> Result<Value, Refusal> {
        let id = input
            .get("caseId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let at = self.find(id)?;
        let Some(case) = self.0.get_mut(at) else {
            return Err(not_found(id));
        };
        let before = case.status();
        if !case.resolved
            && let Some(quota) = case.requested_quota()
        {
            spending.raise_quota(quota);
        }
        case.resolved = true;
        Ok(json!({ "initialCaseStatus": before, "finalCaseStatus": case.status() }))
    }

    fn find(&self, id: &str) -> Result<usize, Refusal> {
        self.0
            .iter()
            .position(|case| case.id == id)
            .ok_or_else(|| not_found(id))
    }
}

impl Case {
    fn status(&self) -> &'static str {
        if self.resolved { "resolved" } else { "opened" }
    }

    fn json(&self, with_communications: bool) -> Value {
        let mut case = json!({
            "caseId": self.id,
            "displayId": self.display_id,
            "subject": self.subject,
            "status": self.status(),
            "serviceCode": self.service_code,
            "categoryCode": self.category_code,
            "severityCode": self.severity_code,
            "timeCreated": iso8601(self.created_at),
            "language": self.language,
            "ccEmailAddresses": self.cc,
        });
        if with_communications && let Some(case) = case.as_object_mut() {
            let communication = json!({
                "caseId": self.id,
                "body": self.body,
                "timeCreated": iso8601(self.created_at),
            });
            case.insert(
                "recentCommunications".to_owned(),
                json!({ "communications": [communication] }),
            );
        }
        case
    }

    /// The quota that the case asks for, if it says what the guide wants said: a line
    /// `New limit value: 20` (whole dollars, `$` and `USD` may stand around it) and a line
    /// `Use case: …` (or `Use case description: …`) that is not empty.
    fn requested_quota(&self) -> Option<MicroUsd> {
        let line = |names: &[&str]| {
            self.body.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let name = name.trim().to_lowercase();
                let value = value.trim();
                (names.contains(&name.as_str()) && !value.is_empty()).then_some(value)
            })
        };
        line(&["use case", "use case description"])?;
        let value = line(&["new limit value"])?;
        value
            .trim_start_matches(['$', ' '])
            .trim_end_matches(|it: char| it.is_ascii_alphabetic() || it == ' ')
            .parse()
            .ok()
            .map(MicroUsd::from_usd)
    }
}

fn not_found(id: &str) -> Refusal {
    ("CaseIdNotFound", format!("No case found with id {id}"))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const BODY: &str = "Limit: SMS\nNew limit value: 20\nUse case description: codes for sign-in";

    fn opened(body: &str) -> (Cases, Spending, String) {
        let (mut cases, mut spending) = (Cases::default(), Spending::default());
        let input = json!({ "subject": "Raise", "communicationBody": body });
        let reply = cases
            .handle(&mut spending, "123456789012", "CreateCase", &input, 0)
            .unwrap();
        let id = reply["caseId"].as_str().unwrap().to_owned();
        (cases, spending, id)
    }

    fn resolve(cases: &mut Cases, spending: &mut Spending, id: &str) -> Result<Value, Refusal> {
        cases.handle(spending, "", "ResolveCase", &json!({ "caseId": id }), 0)
    }

    #[test]
    fn a_resolved_case_raises_the_quota_and_not_the_limit() {
        let (mut cases, mut spending, id) = opened(BODY);
        assert_eq!(spending.quota(), MicroUsd::from_usd(1));
        let reply = resolve(&mut cases, &mut spending, &id).unwrap();
        assert_eq!(
            reply,
            json!({ "initialCaseStatus": "opened", "finalCaseStatus": "resolved" })
        );
        assert_eq!(spending.quota(), MicroUsd::from_usd(20));
        assert_eq!(spending.limit(), MicroUsd::from_usd(1));
    }

    #[test]
    fn the_value_may_be_written_as_people_do() {
        for value in ["20", "$20", "20 USD", "$ 20 usd", "20 dollars"] {
            let body = BODY.replace("20", value);
            let (mut cases, mut spending, id) = opened(&body);
            resolve(&mut cases, &mut spending, &id).unwrap();
            assert_eq!(spending.quota(), MicroUsd::from_usd(20), "{value}");
        }
    }

    #[test]
    fn a_case_that_lacks_value_or_use_case_has_no_effect() {
        for body in [
            "please raise our limit",
            "New limit value: 20",
            "New limit value: 20\nUse case:   ",
            "Use case: codes",
            "New limit value: much\nUse case: codes",
            "New limit value: -5\nUse case: codes",
        ] {
            let (mut cases, mut spending, id) = opened(body);
            resolve(&mut cases, &mut spending, &id).unwrap();
            assert_eq!(spending, Spending::default(), "{body}");
        }
    }

    #[test]
    fn resolved_cases_are_shown_when_asked_for() {
        let (mut cases, mut spending, id) = opened(BODY);
        let describe = |cases: &Cases, input: Value| {
            cases.describe(&input).unwrap()["cases"]
                .as_array()
                .unwrap()
                .clone()
        };
        let open = describe(&cases, json!({}));
        assert_eq!(open[0]["caseId"], json!(id));
        assert_eq!(
            open[0]["recentCommunications"]["communications"][0]["body"],
            json!(BODY)
        );
        resolve(&mut cases, &mut spending, &id).unwrap();
        assert!(describe(&cases, json!({})).is_empty());
        let all = describe(
            &cases,
            json!({ "includeResolvedCases": true, "includeCommunications": false }),
        );
        assert_eq!(all[0]["status"], json!("resolved"));
        assert_eq!(all[0].get("recentCommunications"), None);
    }

    #[test]
    fn refusals() {
        let (mut cases, mut spending, _) = opened(BODY);
        let unknown = resolve(&mut cases, &mut spending, "case-x").unwrap_err();
        assert_eq!(unknown.0, "CaseIdNotFound");
        let list = json!({ "caseIdList": ["case-x"] });
        assert_eq!(cases.describe(&list).unwrap_err().0, "CaseIdNotFound");
        let no_body = json!({ "subject": "Raise" });
        assert_eq!(
            cases.create("1", &no_body, 0).unwrap_err().0,
            "ValidationException"
        );
        assert_eq!(cases.0.len(), 1);
    }
}
