//! What of a request's arithmetic can be done before its turn: a look at the pool says which numbers
//! it will need, if nobody changes them meanwhile.

use serde_json::Value;

use super::Pool;
use crate::call::Input;
use crate::srp::Sum;
use crate::state::{Challenge, Expects, UserPool};
use crate::wire::{Request, operation_of};

/// A request that has something to work out.
#[derive(Debug)]
pub(crate) struct Ahead(Kind);

#[derive(Debug)]
enum Kind {
    Password { by_admin: bool },
    Proof { of_device: bool },
}

impl Ahead {
    /// `None` for most requests, without a look at their bodies.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let kind = match operation_of(request.header("x-amz-target")?)? {
            "InitiateAuth" => Kind::Password { by_admin: false },
            "AdminInitiateAuth" => Kind::Password { by_admin: true },
            "RespondToAuthChallenge" | "AdminRespondToAuthChallenge" => {
                let holds = |word: &[u8]| request.body.windows(word.len()).any(|it| it == word);
                if !holds(b"PASSWORD_VERIFIER\"") {
                    return None;
                }
                Kind::Proof {
                    of_device: holds(b"DEVICE_PASSWORD_VERIFIER\""),
                }
            }
            _ => return None,
        };
        Some(Self(kind))
    }
}

impl Pool {
    /// What is to be worked out for a request. It changes nothing, and refuses nothing: that is for
    /// the request's turn.
    pub(crate) fn look_ahead(&self, ahead: &Ahead, request: &Request) -> Option<Sum> {
        let input: Value = serde_json::from_slice(&request.body).ok()?;
        match ahead.0 {
            Kind::Password { by_admin } => self.password_ahead(&input, by_admin),
            Kind::Proof { of_device } => self.proof_ahead(&input, of_device),
        }
    }

    fn password_ahead(&self, input: &Value, by_admin: bool) -> Option<Sum> {
        let password = input.entry("AuthParameters", "PASSWORD")?;
        let pool = if by_admin {
            self.state.pools.get(input.text("UserPoolId"))?
        } else {
            self.pool_of_client(input.text("ClientId"))?
        };
        let key = pool.key_of(input.entry("AuthParameters", "USERNAME")?)?;
        let user = pool.users.get(&key)?;
        let verifier = user.password.as_ref()?;
        let (pool, username) = (short_name(pool), &user.username);
        Sum::password(verifier, pool, username, password)
    }

    fn proof_ahead(&self, input: &Value, of_device: bool) -> Option<Sum> {
        let pool = self.pool_of_client(input.text("ClientId"))?;
        let block = input.entry("ChallengeResponses", "PASSWORD_CLAIM_SECRET_BLOCK")?;
        let challenge: &Challenge = pool.challenges.get(block)?;
        let user = pool.users.get(&challenge.user)?;
        let (exchange, verifier) = match &challenge.expects {
            Expects::DeviceProof(exchange) if of_device => {
                let device = user.more.devices.get(challenge.device_key.as_ref()?)?;
                (exchange, device.verifier.as_ref()?)
            }
            Expects::Proof(exchange)
            | Expects::CustomProof(exchange)
            | Expects::ChosenProof { exchange, .. } => (exchange, user.password.as_ref()?),
            _ => return None,
        };
        // Somebody whose answer will not be looked at need not be worked for.
        if challenge.used {
            return None;
        }
        Some(Sum::Proof(Box::new((exchange.clone(), verifier.clone()))))
    }

    fn pool_of_client(&self, id: &str) -> Option<&UserPool> {
        let mut pools = self.state.pools.values();
        pools.find(|pool| pool.clients.contains_key(id))
    }
}

fn short_name(pool: &UserPool) -> &str {
    pool.id.split_once('_').map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::srp::{Worked, lately};
    use crate::triggers::remote::Told;
    use crate::{Options, SeededRandomness};

    const POOL: &str = "eu-west-1_Ahead";

    /// Where no password is known to be right. Tests run side by side: each has a seed of its own.
    fn service(seed: u64) -> (Pool, SeededRandomness) {
        let mut pool = Pool::new(Options::default());
        let mut randomness = SeededRandomness::new(seed);
        let description = json!({
            "Id": POOL, "PoolName": "ahead",
            "Clients": [{
                "ClientId": "client", "ClientName": "app",
                "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            }],
        });
        let made = pool.create_user_pool(&description, 0, &mut randomness);
        made.unwrap();
        let user = json!({ "UserPoolId": POOL, "Username": "jane", "MessageAction": "SUPPRESS" });
        let request = Request::operation("AdminCreateUser", &user);
        assert_eq!(pool.handle(&request, 0, &mut randomness).status, 200);
        set_password(&mut pool, &mut randomness, "Correct-horse-7");
        lately::forget();
        (pool, randomness)
    }

    fn set_password(pool: &mut Pool, randomness: &mut SeededRandomness, password: &str) {
        let input = json!({
            "UserPoolId": POOL, "Username": "jane", "Password": password, "Permanent": true,
        });
        let request = Request::operation("AdminSetUserPassword", &input);
        assert_eq!(pool.handle(&request, 0, randomness).status, 200);
    }

    fn sign_in(name: &str, password: &str) -> Request {
        let input = json!({
            "ClientId": "client", "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": name, "PASSWORD": password },
        });
        Request::operation("InitiateAuth", &input)
    }

    fn worked_out(pool: &Pool, request: &Request) -> Worked {
        let ahead = Ahead::of(request).unwrap();
        let sum = pool.look_ahead(&ahead, request);
        sum.map(Sum::work).unwrap_or_default()
    }

    fn settled(
        pool: &mut Pool,
        request: &Request,
        randomness: &mut SeededRandomness,
        worked: &Worked,
    ) -> crate::Response {
        let settled = pool.settle(request, 0, randomness, worked, Told::default());
        settled.ok().unwrap().finish()
    }

    #[test]
    fn what_was_worked_out_before_changes_no_answer() {
        for (name, password, status, needs) in [
            ("jane", "Correct-horse-7", 200, true),
            ("jane", "Wrong-horse-7", 400, true),
            ("nobody", "Correct-horse-7", 400, false),
        ] {
            let request = sign_in(name, password);
            let (mut one, mut randomness) = service(1);
            let expected = one.handle(&request, 0, &mut randomness);
            let (mut other, mut randomness) = service(1);
            let worked = worked_out(&other, &request);
            assert_eq!(!matches!(worked, Worked::Nothing), needs);
            let reply = settled(&mut other, &request, &mut randomness, &worked);
            assert_eq!((reply.status, &reply.body), (status, &expected.body));
            assert_eq!(reply.headers, expected.headers);
            assert_eq!(one.save(), other.save());
        }
        let get_user = Request::operation("GetUser", &json!({ "AccessToken": "x" }));
        assert!(Ahead::of(&get_user).is_none());
    }

    #[test]
    fn what_is_out_of_date_is_not_believed() {
        let (mut pool, mut randomness) = service(2);
        let old = sign_in("jane", "Correct-horse-7");
        let worked = worked_out(&pool, &old);
        set_password(&mut pool, &mut randomness, "Another-horse-8");
        let reply = settled(&mut pool, &old, &mut randomness, &worked);
        assert_eq!(reply.error_name(), Some("NotAuthorizedException"));
        // Of another request.
        let new = sign_in("jane", "Another-horse-8");
        let reply = settled(&mut pool, &new, &mut randomness, &worked);
        assert_eq!(reply.status, 200);
    }
}
