//! Groups: what is kept of one, its members, and their lists by pages.

use crate::common::*;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/staff";

fn group(name: &str, more: Value) -> Value {
    with(json!({ "UserPoolId": POOL, "GroupName": name }), more)
}

#[test]
fn a_group_keeps_what_an_update_does_not_speak_of() {
    let mut local = Local::new(json!({}));
    let said = json!({ "Description": "those who work", "RoleArn": ROLE, "Precedence": 4 });
    let made = local.ok("CreateGroup", group("staff", said.clone()));
    let times = json!({ "CreationDate": 1_772_323_200, "LastModifiedDate": 1_772_323_200 });
    let all = with(group("staff", said), times);
    assert_eq!(made["Group"], all);
    local.advance(60);
    let updated = local.ok("UpdateGroup", group("staff", json!({})));
    let all = with(all, json!({ "LastModifiedDate": 1_772_323_260 }));
    assert_eq!(updated["Group"], all);
    assert_eq!(
        local.ok("GetGroup", group("staff", json!({})))["Group"],
        all
    );
    let other = json!({ "Description": "others", "RoleArn": format!("{ROLE}2"), "Precedence": 0 });
    let updated = local.ok("UpdateGroup", group("staff", other.clone()));
    assert_eq!(updated["Group"], with(all, other));
    let plain = local.ok("CreateGroup", group("plain", json!({})));
    let members: Vec<&String> = plain["Group"].as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "CreationDate",
            "GroupName",
            "LastModifiedDate",
            "UserPoolId"
        ]
    );
    for operation in ["GetGroup", "UpdateGroup", "DeleteGroup"] {
        assert_eq!(
            local.err(operation, group("nobodys", json!({}))),
            "ResourceNotFoundException"
        );
    }
}

#[test]
fn groups_and_their_members_are_listed_by_pages() {
    let mut local = Local::new(json!({}));
    for name in ["a", "b", "c"] {
        local.ok("CreateGroup", group(name, json!({})));
        made(&mut local, name, &[]);
        local.ok("AdminAddUserToGroup", of(name, json!({ "GroupName": "a" })));
        local.ok("AdminAddUserToGroup", of("a", json!({ "GroupName": name })));
    }
    for (what, input) in [
        (
            ("ListGroups", "Groups", "GroupName"),
            json!({ "UserPoolId": POOL }),
        ),
        (
            ("AdminListGroupsForUser", "Groups", "GroupName"),
            of("a", json!({})),
        ),
        (
            ("ListUsersInGroup", "Users", "Username"),
            group("a", json!({})),
        ),
    ] {
        let mut by = |limit: u64| {
            let input = with(input.clone(), json!({ "Limit": limit }));
            local.pages(what, input)
        };
        assert_eq!(by(1), [["a"], ["b"], ["c"]], "{what:?}");
        assert_eq!(by(2), [vec!["a", "b"], vec!["c"]], "{what:?}");
        assert_eq!(by(3), [["a", "b", "c"]], "{what:?}");
        // The model: from 0. Nobody asks for nothing.
        assert_eq!(by(0), [["a"], ["b"], ["c"]], "{what:?}");
        assert_eq!(local.pages(what, input), [["a", "b", "c"]]);
    }
}

/// The guide, "Adding groups to a user pool": the claim has the groups, the lowest precedence first.
#[test]
fn tokens_name_the_groups_by_their_precedence() {
    let mut local = Local::new(json!({}));
    settled(&mut local, "alice", &[]);
    assert_eq!(
        claims(&local.tokens("alice")["AccessToken"]).get("cognito:groups"),
        None
    );
    for (name, more) in [
        ("a", json!({})),
        ("b", json!({ "Precedence": 7 })),
        ("c", json!({ "Precedence": 3 })),
        ("d", json!({ "Precedence": 0 })),
    ] {
        local.ok("CreateGroup", group(name, more));
        if name != "d" {
            local.ok(
                "AdminAddUserToGroup",
                of("alice", json!({ "GroupName": name })),
            );
        }
    }
    let tokens = local.tokens("alice");
    for token in ["AccessToken", "IdToken"] {
        assert_eq!(
            claims(&tokens[token])["cognito:groups"],
            json!(["c", "b", "a"])
        );
    }
    // Without a role there is none to prefer.
    let id = claims(&tokens["IdToken"]);
    assert_eq!(id.get("cognito:roles"), None);
    assert_eq!(id.get("cognito:preferred_role"), None);
}

#[test]
fn who_joins_or_leaves_a_group_was_changed() {
    let mut local = Local::new(json!({}));
    made(&mut local, "alice", &[]);
    local.ok("CreateGroup", group("staff", json!({})));
    let staff = of("alice", json!({ "GroupName": "staff" }));
    for operation in ["AdminAddUserToGroup", "AdminRemoveUserFromGroup"] {
        local.advance(60);
        local.ok(operation, staff.clone());
        let user = local.ok("AdminGetUser", of("alice", json!({})));
        assert_eq!(
            user["UserLastModifiedDate"],
            local.now / 1000,
            "{operation}"
        );
        let nobodys = of("alice", json!({ "GroupName": "nobodys" }));
        assert_eq!(local.err(operation, nobodys), "ResourceNotFoundException");
    }
    let left = local.ok("AdminListGroupsForUser", of("alice", json!({})));
    assert_eq!(left["Groups"], json!([]));
}
