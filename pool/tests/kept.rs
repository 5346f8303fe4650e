//! `--data FILE`: what was answered is there after any end, and nothing else is.
#![cfg(feature = "server")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "kept/crash.rs"]
mod crash;
#[path = "kept/disk.rs"]
mod disk;
#[allow(dead_code)]
#[path = "server/program.rs"]
mod program;
#[path = "kept/start.rs"]
mod start;

use std::collections::BTreeMap;

use program::Server;
use serde_json::{Value, json};

const POOL: &str = "eu-west-1_LocalPool";
const CLIENT: &str = "local0client0000000000000";
const PASSWORD: &str = "Correct-horse-7";

/// Makes a user without a password; whether that was answered.
fn create(server: &Server, name: &str) -> bool {
    let input = json!({ "UserPoolId": POOL, "Username": name, "MessageAction": "SUPPRESS" });
    server.call("AdminCreateUser", &input).status == 200
}

/// All users with their attributes.
fn users(server: &Server) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut input = json!({ "UserPoolId": POOL });
    loop {
        let page = server.call("ListUsers", &input).json();
        for user in page["Users"].as_array().unwrap() {
            let name = user["Username"].as_str().unwrap().to_owned();
            found.insert(name, user["Attributes"].clone());
        }
        match page.get("PaginationToken") {
            Some(token) => input["PaginationToken"] = token.clone(),
            None => return found,
        }
    }
}

fn attribute(attributes: &Value, name: &str) -> Option<String> {
    let list = attributes.as_array()?;
    let found = list.iter().find(|it| it["Name"] == name)?;
    Some(found["Value"].as_str()?.to_owned())
}
