//! A request costs what it touches, not what there is: counted in entries of the index, not in time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use crate::state::UserPool;
use crate::{Options, Pool, Request, SeededRandomness};

const POOL: &str = "eu-west-1_Growth";
const USERS: usize = 300;

struct Service {
    pool: Pool,
    randomness: SeededRandomness,
}

impl Service {
    fn new() -> Self {
        let mut pool = Pool::new(Options::default());
        let mut randomness = SeededRandomness::new(1);
        let description = json!({
            "Id": POOL, "PoolName": "growth",
            "Clients": [{
                "ClientId": "client", "ClientName": "app",
                "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            }],
        });
        pool.create_user_pool(&description, 0, &mut randomness)
            .unwrap();
        let mut service = Self { pool, randomness };
        let group = json!({ "UserPoolId": POOL, "GroupName": "few" });
        service.ok("CreateGroup", group);
        for at in 0..USERS {
            let email = json!({ "Name": "email", "Value": format!("user{at:03}@example.org") });
            let user = json!({
                "UserPoolId": POOL, "Username": format!("user{at:03}"), "MessageAction": "SUPPRESS",
                "UserAttributes": [email],
            });
            service.ok("AdminCreateUser", user);
        }
        for name in ["user007", "user200"] {
            let member = json!({ "UserPoolId": POOL, "Username": name, "GroupName": "few" });
            service.ok("AdminAddUserToGroup", member);
        }
        service
    }

    fn call(&mut self, operation: &str, input: Value) -> Value {
        let request = Request::operation(operation, &input);
        self.pool.handle(&request, 0, &mut self.randomness).json()
    }

    fn ok(&mut self, operation: &str, input: Value) -> Value {
        let output = self.call(operation, input);
        assert!(output.get("__type").is_none(), "{operation}: {output}");
        output
    }

    /// The reply, and how many entries of the indexes were looked at for it.
    fn counted(&mut self, operation: &str, input: Value) -> (Value, usize) {
        let pool = &self.pool.state.pools[POOL];
        let _ = visited(pool);
        let output = self.call(operation, input);
        let pool = &self.pool.state.pools[POOL];
        (output, visited(pool))
    }
}

/// How many entries were looked at since it was last asked.
fn visited(pool: &UserPool) -> usize {
    pool.users.visited() + pool.sign_ins.visited() + pool.challenges.visited()
}

fn names(list: &Value) -> Vec<&str> {
    let users = list["Users"].as_array().unwrap().iter();
    users
        .map(|user| user["Username"].as_str().unwrap())
        .collect()
}

#[test]
fn users_are_found_without_a_look_at_the_others() {
    let mut service = Service::new();
    let list = |filter: &str| json!({ "UserPoolId": POOL, "Filter": filter, "Limit": 2 });
    let first = service.ok("ListUsers", list("email = \"user123@example.org\""));
    let sub = first["Users"][0]["Attributes"].as_array().unwrap().iter();
    let mut sub = sub
        .filter(|it| it["Name"] == "sub")
        .map(|it| it["Value"].as_str().unwrap());
    let sub = sub.next().unwrap().to_owned();

    let is_it: &[&str] = &["user123"];
    for (filter, found) in [
        ("email = \"user123@example.org\"", is_it),
        (&format!("sub = \"{sub}\""), is_it),
        ("email = \"nobody@example.org\"", &[]),
        ("phone_number = \"+12025550100\"", &[]),
        ("email ^= \"user12\"", &["user120", "user121"]),
        (
            "cognito:user_status = \"force_change_password\"",
            &["user000", "user001"],
        ),
        ("cognito:user_status = \"CONFIRMED\"", &[]),
        ("status = \"Enabled\"", &["user000", "user001"]),
        ("status = \"Disabled\"", &[]),
    ] {
        let (output, visited) = service.counted("ListUsers", list(filter));
        assert_eq!(names(&output), found, "{filter}");
        assert!(visited <= 10, "{filter}: {visited}");
    }
    for (name, found) in [(sub.as_str(), true), ("nobody", false)] {
        let user = json!({ "UserPoolId": POOL, "Username": name });
        let (output, visited) = service.counted("AdminGetUser", user);
        assert_eq!(output["Username"] == "user123", found, "{output}");
        assert!(visited <= 1, "{name}: {visited}");
    }
    let group = json!({ "UserPoolId": POOL, "GroupName": "few" });
    let (output, visited) = service.counted("ListUsersInGroup", group);
    assert_eq!(names(&output), ["user007", "user200"]);
    assert!(visited <= 2, "{visited}");
}

#[test]
fn pages_go_on_where_the_last_one_ended() {
    let mut service = Service::new();
    for (operation, token, more) in [
        ("ListUsers", "PaginationToken", json!({})),
        (
            "ListUsers",
            "PaginationToken",
            json!({ "Filter": "status = \"Enabled\"" }),
        ),
        (
            "ListUsers",
            "PaginationToken",
            json!({ "Filter": "email ^= \"user\"" }),
        ),
        (
            "ListUsersInGroup",
            "NextToken",
            json!({ "GroupName": "few", "Limit": 1 }),
        ),
    ] {
        let mut input = json!({ "UserPoolId": POOL, "Limit": 60 });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let mut seen = Vec::new();
        loop {
            let page = service.ok(operation, input.clone());
            seen.extend(names(&page).into_iter().map(String::from));
            match page.get(token) {
                Some(next) => input[token] = next.clone(),
                None => break,
            }
        }
        let expected = if operation == "ListUsers" { USERS } else { 2 };
        assert_eq!(seen.len(), expected, "{operation} {more}");
        assert!(seen.is_sorted(), "{operation} {more}");
    }
}

#[test]
fn a_sign_in_costs_the_same_after_many_others() {
    let mut service = Service::new();
    let password = json!({
        "UserPoolId": POOL, "Username": "user001", "Password": "Correct-horse-7", "Permanent": true,
    });
    service.ok("AdminSetUserPassword", password);
    let sign_in = json!({
        "ClientId": "client", "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "user001", "PASSWORD": "Correct-horse-7" },
    });
    for _ in 0..50 {
        let (output, visited) = service.counted("InitiateAuth", sign_in.clone());
        let token = output["AuthenticationResult"]["AccessToken"].clone();
        assert!(token.is_string(), "{output}");
        assert!(visited <= 1, "{visited}");
        let (output, visited) = service.counted("GetUser", json!({ "AccessToken": token }));
        assert_eq!(output["Username"], "user001");
        assert_eq!(visited, 0);
    }
}

#[test]
fn a_user_goes_with_what_is_open_of_that_user_alone() {
    let mut service = Service::new();
    let client = json!({ "UserPoolId": POOL, "ClientId": "client",
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"] });
    service.ok("UpdateUserPoolClient", client);
    let begin = |name: &str| {
        json!({ "ClientId": "client", "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": { "USERNAME": name, "SRP_A": "abcdef" } })
    };
    for at in 0..20 {
        service.ok("InitiateAuth", begin(&format!("user{at:03}")));
    }
    let open = |service: &Service| service.pool.state.pools[POOL].challenges.len();
    assert_eq!(open(&service), 20);
    let user = json!({ "UserPoolId": POOL, "Username": "user001" });
    let (output, visited) = service.counted("AdminDeleteUser", user);
    assert!(output.get("__type").is_none(), "{output}");
    assert!(visited <= 2, "{visited}");
    assert_eq!(open(&service), 19);
}
