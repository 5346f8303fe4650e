//! Only the pool's own 200 with a JSON object is a success: what a firewall, a proxy or a portal
//! answers is never taken for a thing done.

mod sendings;

use serde_json::{Value, json};

use crate::support::*;

use sendings::{Said, Sending, all};

/// The code of the error that the page is told; none if it is told that all is done.
fn told(sending: &Sending, answer: impl Fn() -> Fault) -> (Option<String>, World) {
    let mut world = (sending.from)();
    for _ in 0..12 {
        world.expect(sending.operation, answer());
    }
    // What may follow by itself.
    for _ in 0..4 {
        world.expect("RevokeToken", done());
    }
    if sending.operation != "GetUser" {
        world.expect("GetUser", verified_user());
    }
    if sending.operation == "ConfirmSignUp" {
        world.expect("InitiateAuth", sms_challenge());
    }
    let error = match &sending.what {
        Said::Event(event) => {
            world.send(event());
            Some(world.error()).filter(|error| !error.is_empty())
        }
        Said::Ask(name, arguments) => {
            let answer = world.call(name, arguments());
            answer.err().map(|error| error.code.as_str().into())
        }
    };
    (error, world)
}

fn success_body(sending: &Sending) -> Value {
    let Fault::Answer(answer) = (sending.success)() else {
        panic!("an answer is scripted")
    };
    answer.body.unwrap()
}

/// An answer's status, and its body: a page, nothing at all, or JSON.
fn with(status: u16, body: Option<Value>) -> Fault {
    Fault::Answer(Answer {
        status,
        error_type: None,
        body,
    })
}

#[test]
fn the_pools_own_success_is_one() {
    for sending in all() {
        let (error, _) = told(sending, sending.success);
        assert_eq!(error, None, "{}", sending.operation);
    }
}

#[test]
fn no_other_status_than_200_is_a_success_whatever_its_body() {
    for status in [
        0, 100, 201, 202, 204, 206, 299, 302, 304, 307, 400, 401, 403, 404, 405, 429, 500, 503,
        599, 999,
    ] {
        for sending in all() {
            let bodies = [
                None,
                Some(Value::Null),
                Some(json!({})),
                Some(success_body(sending)),
                Some(json!({ "message": "Forbidden" })),
            ];
            for body in bodies {
                let (error, _) = told(sending, || with(status, body.clone()));
                let expected = match status {
                    202 | 403 | 405 => "blocked",
                    429 => "throttled",
                    _ => "server",
                };
                let case = format!("{} {status} {body:?}", sending.operation);
                assert_eq!(error.as_deref(), Some(sending.sooner(expected)), "{case}");
            }
        }
    }
}

#[test]
fn a_200_without_a_json_object_is_no_success() {
    for sending in all() {
        for body in [None, Some(json!([])), Some(json!("{}")), Some(json!(true))] {
            let (error, _) = told(sending, || with(200, body.clone()));
            let case = format!("{} {body:?}", sending.operation);
            assert_eq!(error.as_deref(), Some(sending.sooner("server")), "{case}");
        }
    }
}

#[test]
fn an_empty_200_is_the_success_of_what_has_no_output_alone() {
    for sending in all() {
        let (error, world) = told(sending, || empty(200));
        if sending.operation == "DeleteUser" {
            assert_eq!(error, None);
            assert_eq!(world.step(), "signedOut");
        } else if sending.operation == "ForgetDevice" {
            assert_eq!(error, None);
        } else {
            let expected = sending.sooner("server");
            assert_eq!(error.as_deref(), Some(expected), "{}", sending.operation);
        }
    }
}

#[test]
fn what_was_not_done_is_not_shown_as_done() {
    for status in [202, 204, 201, 302, 403, 405] {
        for sending in all() {
            let before = (sending.from)();
            let (_, after) = told(sending, || with(status, Some(success_body(sending))));
            let case = format!("{} {status}", sending.operation);
            if sending.operation == "GlobalSignOut" {
                continue;
            }
            // A password that a firewall stopped is typed again; no other step is left.
            if before.step() != after.step() {
                assert_eq!(after.step(), "signedOut", "{case}");
                assert_ne!(after.error(), "", "{case}");
            }
            let kept = |world: &World| world.storage.as_ref().unwrap().session().is_some();
            assert_eq!(kept(&before), kept(&after), "{case}");
            let of_user = ["attributes", "unverified", "device", "tokensExpireAt"];
            for member in of_user {
                assert_eq!(
                    before.snapshot()[member],
                    after.snapshot()[member],
                    "{case}"
                );
            }
        }
    }
}

#[test]
fn a_firewall_that_says_so_is_one_whatever_it_answers() {
    for status in [200, 202, 204, 302, 400, 403, 405, 500, 503] {
        for sending in all() {
            let bodies = [
                None,
                Some(Value::Null),
                Some(success_body(sending)),
                Some(
                    json!({ "__type": "NotAuthorizedException", "message": "Access Token has expired" }),
                ),
            ];
            for body in bodies {
                let answer = || {
                    Fault::Firewall(Answer {
                        status,
                        error_type: None,
                        body: body.clone(),
                    })
                };
                let (error, _) = told(sending, answer);
                let case = format!("{} {status} {body:?}", sending.operation);
                assert_eq!(error.as_deref(), Some(sending.sooner("blocked")), "{case}");
            }
        }
    }
}

#[test]
fn a_firewall_in_cognitos_words_is_one_and_is_named() {
    for status in [400, 403] {
        for sending in all() {
            let body = json!({ "__type": "ForbiddenException", "message": "Request not allowed due to WAF block." });
            let (error, mut world) = told(sending, || with(status, Some(body.clone())));
            let expected = sending.sooner("blocked");
            assert_eq!(error.as_deref(), Some(expected), "{}", sending.operation);
            if sending.operation == "GlobalSignOut" {
                world.pass(DAY);
                assert_eq!(world.error(), "blocked", "in the end");
            }
            if let Said::Event(_) = sending.what {
                assert_eq!(world.snapshot()["error"]["server"], "ForbiddenException");
            }
        }
    }
}

#[test]
fn too_many_requests_stay_too_many_requests_whoever_says_so() {
    for answer in [
        || with(429, None),
        || with(429, Some(Value::Null)),
        || with(429, Some(json!({ "message": "slow down" }))),
        || {
            Fault::Firewall(Answer {
                status: 429,
                error_type: None,
                body: None,
            })
        },
        throttled,
    ] as [fn() -> Fault; 5]
    {
        for sending in all() {
            let (error, _) = told(sending, answer);
            let expected = sending.sooner("throttled");
            assert_eq!(error.as_deref(), Some(expected), "{}", sending.operation);
        }
    }
}

#[test]
fn a_refusal_of_cognitos_own_with_a_firewalls_status_is_cognitos() {
    for status in [403, 405] {
        let mut world = World::scripted();
        let body = json!({ "__type": "UserNotConfirmedException", "message": "" });
        world.expect("InitiateAuth", with(status, Some(body)));
        assert_eq!(world.send(sign_in())["step"], "confirmSignUp");
    }
}

#[test]
fn by_srp_neither_the_challenge_nor_the_proof_is_believed_from_anybody_else() {
    let verifier = json!({
        "USER_ID_FOR_SRP": USER, "SALT": "9a3b5c7d", "SRP_B": "5".repeat(768),
        "SECRET_BLOCK": "c2VjcmV0LWJsb2Nr",
    });
    let challenged =
        json!({ "ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": verifier });
    for (status, code) in [
        (202, "blocked"),
        (204, "server"),
        (201, "server"),
        (403, "blocked"),
    ] {
        let by_srp = || World::scripted_with(json!({ "signInWith": "srp" }));
        let mut world = by_srp();
        world.expect("InitiateAuth", with(status, Some(challenged.clone())));
        world.send(sign_in());
        assert_eq!(
            (world.step(), world.error()),
            ("signedOut".into(), code.into())
        );
        assert_eq!(world.sent().len(), 1, "no proof is sent");
        let mut world = by_srp();
        let tokens = json!({ "AuthenticationResult": token_set(1) });
        world
            .expect("InitiateAuth", ok(challenged.clone()))
            .expect("RespondToAuthChallenge", with(status, Some(tokens)));
        world.send(sign_in());
        assert_eq!(
            (world.step(), world.error()),
            ("signedOut".into(), code.into())
        );
    }
}

#[test]
fn a_device_that_a_firewall_confirmed_is_not_confirmed() {
    for status in [202, 204, 403] {
        let mut world = World::scripted();
        world
            .expect("InitiateAuth", tokens_with_device(1))
            .expect("ConfirmDevice", with(status, Some(json!({}))))
            .expect("GetUser", alices_attributes());
        let snapshot = world.send(sign_in());
        assert_eq!(snapshot["step"], "signedIn");
        assert_eq!(snapshot["device"], Value::Null, "{status}");
    }
}

#[test]
fn a_revocation_that_anybody_else_answered_is_tried_again_until_the_pool_has_heard_of_it() {
    let answers: [fn() -> Fault; 7] = [
        || with(202, Some(json!({}))),
        || with(204, Some(Value::Null)),
        || with(201, Some(json!({}))),
        || with(302, None),
        || with(403, None),
        || with(200, None),
        || {
            Fault::Firewall(Answer {
                status: 200,
                error_type: None,
                body: Some(json!({})),
            })
        },
    ];
    for answer in answers {
        let mut world = alice();
        world
            .expect("RevokeToken", answer())
            .expect("RevokeToken", done());
        assert_eq!(world.send(event("signOut"))["step"], "signedOut");
        world.pass(MINUTE);
        assert_eq!(world.sent(), ["RevokeToken", "RevokeToken"]);
        assert_eq!(world.flow.deadline(), None, "it is done now");
        assert_eq!(world.error(), "");
    }
}
