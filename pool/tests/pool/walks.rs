//! The whole protocol at random: choices, codes, passkeys, devices, apps, functions, sessions, in
//! whatever order and by whomever. No sign-in succeeds without its proofs, nothing is good twice, and
//! what was ended stays so. A failure names the seed, which walks the same way again.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::authenticator::*;
use crate::common::*;
use base64ct::{Base64, Encoding};
use cognito_pool::{Randomness, SeededRandomness, Triggers};
use serde_json::{Value, json};

const WALKS: u64 = 6;
const STEPS: usize = 160;
const SECRET: &str = "a device's own secret";
const ANSWER: &str = "ultramarine";
const MOST_SESSIONS: usize = 3;

/// Asks one question, three times at most.
struct Quiz;

impl Triggers for Quiz {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let mut event = event.clone();
        let request = &event["request"];
        event["response"] = match name {
            "DefineAuthChallenge" => {
                let asked = request["session"].as_array().unwrap();
                let right = asked.last().is_some_and(|it| it["challengeResult"] == true);
                json!({ "issueTokens": right, "failAuthentication": !right && asked.len() > 2,
                    "challengeName": "CUSTOM_CHALLENGE" })
            }
            "CreateAuthChallenge" => json!({
                "publicChallengeParameters": { "question": "which blue?" },
                "privateChallengeParameters": { "answer": ANSWER },
            }),
            "VerifyAuthChallengeResponse" => json!({
                "answerCorrect":
                    request["privateChallengeParameters"]["answer"] == request["challengeAnswer"],
            }),
            _ => return Ok(None),
        };
        Ok(Some(event))
    }
}

struct Person {
    name: &'static str,
    phone: &'static str,
    email: String,
    authenticator: Authenticator,
    has_passkey: bool,
    /// The secret of an app that was associated, and whether it was verified and turned on.
    totp: Option<String>,
    has_totp: bool,
    /// Key and group key of a device that was confirmed.
    device: Option<(String, String)>,
}

impl Person {
    fn new(name: &'static str, phone: &'static str, seed: u8) -> Self {
        Self {
            name,
            phone,
            email: format!("{name}@example.com"),
            authenticator: Authenticator::new(seed),
            has_passkey: false,
            totp: None,
            has_totp: false,
            device: None,
        }
    }
}

/// A challenge, for whom it is, and what was proven before it.
#[derive(Clone)]
struct Asked {
    who: usize,
    reply: Value,
    proven: Vec<&'static str>,
}

/// Tokens, whose they are, and whether they may still be good.
struct Held {
    who: usize,
    tokens: Value,
    ended: bool,
}

struct Walk {
    local: Local,
    dice: SeededRandomness,
    people: Vec<Person>,
    asked: Vec<Asked>,
    held: Vec<Held>,
    /// Sessions and challenges that were answered with success.
    spent: BTreeSet<String>,
    succeeded: BTreeMap<String, u32>,
}

#[test]
fn nothing_succeeds_without_its_proofs_or_twice() {
    let mut succeeded = BTreeMap::<String, u32>::new();
    for seed in 0..WALKS {
        let mut walk = Walk::new(seed);
        for step in 0..STEPS {
            let at = format!("walk {seed}, step {step}");
            walk.step(&at);
            walk.check(&at);
        }
        for (what, times) in walk.succeeded {
            *succeeded.entry(what).or_default() += times;
        }
    }
    // Walks that get nowhere would prove nothing.
    for what in [
        "SELECT_CHALLENGE",
        "SMS_OTP",
        "EMAIL_OTP",
        "WEB_AUTHN",
        "PASSWORD_VERIFIER",
        "CUSTOM_CHALLENGE",
        "SOFTWARE_TOKEN_MFA",
        "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER",
        "ConfirmDevice",
        "ForgetDevice",
        "VerifySoftwareToken",
        "CompleteWebAuthnRegistration",
        "DeleteWebAuthnCredential",
        "ListUserSessions",
        "RevokeUserSession",
        "GetTokensFromRefreshToken",
        "RevokeToken",
    ] {
        let times = succeeded.get(what).copied().unwrap_or_default();
        assert!(times > 1, "{what}: {succeeded:?}");
    }
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut local = Local::verifying(json!({
            "Policies": { "SignInPolicy": {
                "AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP", "EMAIL_OTP", "WEB_AUTHN"] } },
            "MfaConfiguration": "OPTIONAL",
            "MfaConfig": {
                "MfaConfiguration": "OPTIONAL",
                "SoftwareTokenMfaConfiguration": { "Enabled": true },
                "WebAuthnConfiguration": { "RelyingPartyId": "example.com" },
            },
            "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true,
                "DeviceOnlyRememberedOnUserPrompt": false },
            "SessionConfiguration": { "UserSessionTracking": "ENABLED",
                "TokenSession": { "MaxPerUser": MOST_SESSIONS } },
        }));
        local.pool.set_triggers(Box::new(Quiz));
        let people = vec![
            Person::new("ann", "+12065550101", 1),
            Person::new("ben", "+12065550102", 2),
        ];
        for Person {
            name, phone, email, ..
        } in &people
        {
            let user = json!({ "UserPoolId": POOL, "Username": name });
            let with = |more: Value| crate::common::with(user.clone(), more);
            let attributes = json!([
                { "Name": "email", "Value": email }, { "Name": "email_verified", "Value": "true" },
                { "Name": "phone_number", "Value": phone },
                { "Name": "phone_number_verified", "Value": "true" },
            ]);
            let create = json!({ "UserAttributes": attributes, "MessageAction": "SUPPRESS" });
            local.ok("AdminCreateUser", with(create));
            let password = json!({ "Password": PASSWORD, "Permanent": true });
            local.ok("AdminSetUserPassword", with(password));
        }
        Self {
            local,
            dice: SeededRandomness::new(seed),
            people,
            asked: Vec::new(),
            held: Vec::new(),
            spent: BTreeSet::new(),
            succeeded: BTreeMap::new(),
        }
    }

    fn below(&mut self, n: usize) -> usize {
        let mut bytes = [0; 8];
        self.dice.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn step(&mut self, at: &str) {
        let who = self.below(self.people.len());
        match self.below(24) {
            0..=4 => self.begin(who),
            5..=14 => self.answer(at),
            15 => self.confirm_device(),
            16 => self.forget_device(),
            17 => self.take_up_an_app(),
            18 => self.register_a_passkey(at),
            19 => self.delete_a_passkey(),
            20 => self.end_a_session(at),
            21 => self.refresh(at),
            22 => self.revoke(at),
            _ => {
                let seconds = [1, 40, 170, 190, HOUR][self.below(5)];
                self.local.advance(seconds);
            }
        }
        // The latest are the ones worth trying.
        let many = self.asked.len().saturating_sub(4);
        self.asked.drain(..many);
        let many = self.held.len().saturating_sub(6);
        self.held.drain(..many);
    }

    fn call(&mut self, operation: &str, input: Value) -> Option<Value> {
        let reply = self.local.call(operation, input);
        let text = format!("{reply:?}");
        for secret in [PASSWORD, SECRET, ANSWER] {
            assert!(!text.contains(secret), "{operation} told a secret");
        }
        for person in &self.people {
            let told = person.totp.as_ref().is_some_and(|totp| text.contains(totp));
            assert!(!told, "{operation} told the secret of an app");
        }
        *self.succeeded.entry(operation.into()).or_default() += u32::from(reply.is_ok());
        reply.ok()
    }

    fn begin(&mut self, who: usize) {
        let Person { name, device, .. } = &self.people[who];
        let mut parameters = json!({ "USERNAME": name });
        if let Some((key, _)) = device.clone()
            && !self.one_in(4)
        {
            parameters["DEVICE_KEY"] = json!(key);
        }
        let flow = match self.below(9) {
            0 | 1 => {
                parameters["PASSWORD"] = json!(PASSWORD);
                "USER_PASSWORD_AUTH"
            }
            2 => "CUSTOM_AUTH",
            n => {
                let preferred = [
                    "WEB_AUTHN",
                    "SMS_OTP",
                    "EMAIL_OTP",
                    "PASSWORD_SRP",
                    "PASSWORD",
                ];
                if let Some(preferred) = preferred.get(n - 3) {
                    parameters["PREFERRED_CHALLENGE"] = json!(preferred);
                    if *preferred == "PASSWORD_SRP" {
                        parameters["SRP_A"] = json!(SrpClient::new(POOL).srp_a());
                    }
                }
                "USER_AUTH"
            }
        };
        let input = json!({ "ClientId": CLIENT, "AuthFlow": flow, "AuthParameters": parameters });
        if let Some(reply) = self.call("InitiateAuth", input) {
            let by_password = parameters.get("PASSWORD").map(|_| "PASSWORD");
            self.took(
                who,
                reply,
                by_password.into_iter().collect(),
                "InitiateAuth",
            );
        }
    }

    /// What came of a proof: tokens, or the next challenge.
    fn took(&mut self, who: usize, reply: Value, proven: Vec<&'static str>, at: &str) {
        let Some(tokens) = reply.get("AuthenticationResult").cloned() else {
            return self.asked.push(Asked { who, reply, proven });
        };
        let person = &self.people[who];
        assert_eq!(
            claims(&tokens["AccessToken"])["username"],
            person.name,
            "{at}"
        );
        let first = proven.first().copied().unwrap_or_default();
        let firsts = [
            "PASSWORD",
            "SMS_OTP",
            "EMAIL_OTP",
            "WEB_AUTHN",
            "CUSTOM_CHALLENGE",
        ];
        assert!(firsts.contains(&first), "{at}: tokens for {proven:?}");
        let seconds = ["SOFTWARE_TOKEN_MFA", "DEVICE_PASSWORD_VERIFIER"];
        let has_second = proven.iter().any(|it| seconds.contains(it));
        let needs_second = person.has_totp && matches!(first, "PASSWORD" | "WEB_AUTHN");
        assert!(
            has_second || !needs_second,
            "{at}: tokens for {proven:?} alone"
        );
        self.held.push(Held {
            who,
            tokens,
            ended: false,
        });
    }

    fn answer(&mut self, at: &str) {
        if self.asked.is_empty() {
            return;
        }
        let last = self.asked.len() - 1;
        let index = if self.one_in(3) {
            self.below(last + 1)
        } else {
            last
        };
        let Asked { who, reply, proven } = self.asked[index].clone();
        let challenge = reply["ChallengeName"].as_str().unwrap().to_owned();
        let (mut responses, proof) = self.responses(who, &challenge, &reply);
        let other = (who + 1) % self.people.len();
        let stranger = self.one_in(12);
        let named = if stranger { other } else { who };
        responses["USERNAME"] = json!(self.people[named].name);
        if let Some((key, _)) = &self.people[who].device {
            let parameters = &reply["ChallengeParameters"];
            responses["DEVICE_KEY"] = json!(parameters["DEVICE_KEY"].as_str().unwrap_or(key));
        }
        let mut input = json!({ "ClientId": CLIENT, "ChallengeName": challenge,
            "ChallengeResponses": responses });
        // A proof that needs no session is good once by its secret block.
        let session = &reply["Session"];
        if session.is_string() {
            input["Session"] = session.clone();
        }
        let once = session
            .as_str()
            .or(reply["ChallengeParameters"]["SECRET_BLOCK"].as_str());
        let once = once.unwrap().to_owned();
        let Some(next) = self.call("RespondToAuthChallenge", input) else {
            return;
        };
        *self.succeeded.entry(challenge.clone()).or_default() += 1;
        assert!(
            self.spent.insert(once),
            "{at}: {challenge} took a session twice"
        );
        assert!(!stranger, "{at}: {challenge} was answered by somebody else");
        let right = !matches!(proof, Proof::Wrong);
        let is_over = next.get("AuthenticationResult").is_some();
        assert!(right || !is_over, "{at}: tokens for a wrong {challenge}");
        let asks_again = challenge == "CUSTOM_CHALLENGE";
        assert!(
            right || asks_again,
            "{at}: went on after a wrong {challenge}"
        );
        let mut proven = proven;
        if let Proof::Of(name) = proof {
            proven.push(name);
        }
        self.took(who, next, proven, at);
    }

    /// What to answer, mostly right; and what that proves.
    fn responses(&mut self, who: usize, challenge: &str, reply: &Value) -> (Value, Proof) {
        let right = !self.one_in(4);
        let proof = |name| if right { Proof::Of(name) } else { Proof::Wrong };
        let parameters = &reply["ChallengeParameters"];
        let Person { phone, email, .. } = &self.people[who];
        match challenge {
            "SELECT_CHALLENGE" => {
                let ways = ["WEB_AUTHN", "SMS_OTP", "EMAIL_OTP"];
                let way = ways[self.below(ways.len())];
                (json!({ "ANSWER": way }), Proof::None)
            }
            "SMS_OTP" | "EMAIL_OTP" => {
                let to = if challenge == "SMS_OTP" {
                    *phone
                } else {
                    email.as_str()
                };
                let code = self.local.code(to);
                let code = if right { code } else { "000000".into() };
                let name = if challenge == "SMS_OTP" {
                    "SMS_OTP"
                } else {
                    "EMAIL_OTP"
                };
                (json!({ format!("{name}_CODE"): code }), proof(name))
            }
            "WEB_AUTHN" => {
                let text = parameters["CREDENTIAL_REQUEST_OPTIONS"].as_str().unwrap();
                let options: Value = serde_json::from_str(text).unwrap();
                let by = if right {
                    who
                } else {
                    (who + 1) % self.people.len()
                };
                let credential = self.people[by].authenticator.get(&options).to_string();
                (json!({ "CREDENTIAL": credential }), proof("WEB_AUTHN"))
            }
            "PASSWORD" => {
                let password = if right { PASSWORD } else { "Wrong-horse-8" };
                (json!({ "PASSWORD": password }), proof("PASSWORD"))
            }
            "PASSWORD_SRP" => {
                let srp_a = SrpClient::new(POOL).srp_a();
                (json!({ "SRP_A": srp_a }), Proof::None)
            }
            "PASSWORD_VERIFIER" => {
                let password = if right { PASSWORD } else { "Wrong-horse-8" };
                let answer = SrpClient::new(POOL).answer(parameters, password);
                (answer, proof("PASSWORD"))
            }
            "CUSTOM_CHALLENGE" => {
                let answer = if right { ANSWER } else { "vermilion" };
                (json!({ "ANSWER": answer }), proof("CUSTOM_CHALLENGE"))
            }
            "SOFTWARE_TOKEN_MFA" => {
                let secret = self.people[who].totp.clone().unwrap_or_default();
                let at = if right {
                    self.local.now
                } else {
                    self.local.now + 900_000
                };
                let code = totp(&secret, at);
                (
                    json!({ "SOFTWARE_TOKEN_MFA_CODE": code }),
                    proof("SOFTWARE_TOKEN_MFA"),
                )
            }
            "DEVICE_SRP_AUTH" => {
                let srp_a = SrpClient::new(POOL).srp_a();
                (json!({ "SRP_A": srp_a }), Proof::None)
            }
            "DEVICE_PASSWORD_VERIFIER" => {
                let (key, group) = self.people[who].device.clone().unwrap_or_default();
                let mut parameters = parameters.clone();
                parameters["USER_ID_FOR_SRP"] = json!(key);
                let secret = if right { SECRET } else { "another secret" };
                let client = SrpClient::new(&format!("x_{group}"));
                let answer = client.answer(&parameters, secret);
                (answer, proof("DEVICE_PASSWORD_VERIFIER"))
            }
            other => panic!("nobody should be asked for {other}"),
        }
    }

    /// The latest tokens that may be good, and the access token of them.
    fn latest(&self) -> Option<(usize, Value)> {
        let held = self.held.iter().rev().find(|held| !held.ended)?;
        Some((held.who, held.tokens.clone()))
    }

    fn confirm_device(&mut self) {
        let Some((who, tokens)) = self.latest() else {
            return;
        };
        let metadata = &tokens["NewDeviceMetadata"];
        let (Some(key), Some(group)) = (
            metadata["DeviceKey"].as_str(),
            metadata["DeviceGroupKey"].as_str(),
        ) else {
            return;
        };
        let salt = [7_u8; 16];
        let verifier = device_verifier(group, key, SECRET, &salt);
        let config = json!({ "Salt": Base64::encode_string(&salt),
            "PasswordVerifier": Base64::encode_string(&verifier) });
        let input = json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key,
            "DeviceSecretVerifierConfig": config });
        if self.call("ConfirmDevice", input).is_some() {
            self.people[who].device = Some((key.into(), group.into()));
        }
    }

    fn forget_device(&mut self) {
        let Some((who, tokens)) = self.latest() else {
            return;
        };
        let Some((key, _)) = self.people[who].device.clone() else {
            return;
        };
        let input = json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key });
        // Whoever has forgotten it here may still name it: it is no device then.
        if self.call("ForgetDevice", input).is_some() && self.one_in(2) {
            self.people[who].device = None;
        }
    }

    fn take_up_an_app(&mut self) {
        let Some((who, tokens)) = self.latest() else {
            return;
        };
        let access = &tokens["AccessToken"];
        let with = |more: Value| crate::common::with(json!({ "AccessToken": access }), more);
        if self.people[who].has_totp {
            let off = json!({ "SoftwareTokenMfaSettings": { "Enabled": false } });
            if self.call("SetUserMFAPreference", with(off)).is_some() {
                self.people[who].has_totp = false;
            }
            return;
        }
        let Ok(reply) = self.local.call("AssociateSoftwareToken", with(json!({}))) else {
            return;
        };
        let secret = reply["SecretCode"].as_str().unwrap().to_owned();
        let right = !self.one_in(3);
        let now = self.local.now;
        let code = totp(&secret, if right { now } else { now + 900_000 });
        let verified = self.call("VerifySoftwareToken", with(json!({ "UserCode": code })));
        assert_eq!(verified.is_some(), right, "only the right code is taken");
        // One that was verified before stays until another one is.
        if right {
            self.people[who].totp = Some(secret);
        }
        let on = json!({ "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true } });
        let is_on = self.call("SetUserMFAPreference", with(on)).is_some();
        let has_one = self.people[who].totp.is_some();
        assert!(has_one || !is_on, "an app that was not verified is on");
        self.people[who].has_totp = is_on;
    }

    fn register_a_passkey(&mut self, at: &str) {
        let Some((who, tokens)) = self.latest() else {
            return;
        };
        let access = json!({ "AccessToken": tokens["AccessToken"] });
        let Some(started) = self.call("StartWebAuthnRegistration", access.clone()) else {
            return;
        };
        let options = &started["CredentialCreationOptions"];
        let mut complete = access;
        complete["Credential"] = self.people[who].authenticator.create(options);
        if self.one_in(4) {
            self.local.advance(190);
            let late = self.call("CompleteWebAuthnRegistration", complete);
            return assert!(late.is_none(), "{at}: a late passkey was taken");
        }
        let had = self.people[who].has_passkey;
        let done = self.call("CompleteWebAuthnRegistration", complete.clone());
        assert!(
            !(had && done.is_some()),
            "{at}: one passkey was taken twice"
        );
        self.people[who].has_passkey = had || done.is_some();
        let again = self.call("CompleteWebAuthnRegistration", complete);
        assert!(again.is_none(), "{at}: one challenge was taken twice");
    }

    fn delete_a_passkey(&mut self) {
        let Some((who, tokens)) = self.latest() else {
            return;
        };
        // Anybody's: only one's own goes.
        let of = self.below(self.people.len());
        let id = self.people[of].authenticator.credential_id();
        let input = json!({ "AccessToken": tokens["AccessToken"], "CredentialId": id });
        if self.call("DeleteWebAuthnCredential", input).is_some() {
            assert!(of == who && self.people[who].has_passkey);
            self.people[who].has_passkey = false;
        }
    }

    fn end_a_session(&mut self, at: &str) {
        let Some((who, tokens)) = self.latest() else {
            return;
        };
        let access = json!({ "AccessToken": tokens["AccessToken"] });
        let Some(reply) = self.call("ListUserSessions", access.clone()) else {
            return;
        };
        let sessions = reply["Sessions"].as_array().unwrap();
        assert!(sessions.len() <= MOST_SESSIONS, "{at}: {sessions:?}");
        let current = |it: &&Value| it["IsCurrentSession"] == true;
        assert_eq!(sessions.iter().filter(current).count(), 1, "{at}");
        let Some(other) = sessions.iter().find(|it| !current(it)) else {
            return;
        };
        let mut end = access;
        end["SessionId"] = other["SessionId"].clone();
        assert!(
            self.call("RevokeUserSession", end.clone()).is_some(),
            "{at}"
        );
        assert!(self.call("RevokeUserSession", end).is_none(), "{at}");
        // Of the tokens that this walk holds, whoever had that session can do nothing more.
        for index in 0..self.held.len() {
            let held = &self.held[index];
            if held.who != who || held.ended || held.tokens == tokens {
                continue;
            }
            let theirs = json!({ "AccessToken": held.tokens["AccessToken"] });
            if self.local.call("GetUser", theirs).is_err() {
                self.held[index].ended = true;
            }
        }
    }

    fn refresh(&mut self, at: &str) {
        if self.held.is_empty() {
            return;
        }
        let index = self.below(self.held.len());
        let Held { who, tokens, ended } = &self.held[index];
        let (who, ended, mut tokens) = (*who, *ended, tokens.clone());
        let mut input = json!({ "ClientId": CLIENT, "RefreshToken": tokens["RefreshToken"] });
        if let Some((key, _)) = &self.people[who].device {
            input["DeviceKey"] = json!(key);
        }
        if let Some(reply) = self.call("GetTokensFromRefreshToken", input) {
            assert!(!ended, "{at}: a session that was ended goes on");
            let access = &reply["AuthenticationResult"]["AccessToken"];
            assert_eq!(claims(access)["username"], self.people[who].name, "{at}");
            tokens["AccessToken"] = access.clone();
            self.held[index].tokens = tokens;
        }
    }

    fn revoke(&mut self, at: &str) {
        let Some((_, tokens)) = self.latest() else {
            return;
        };
        let input = json!({ "ClientId": CLIENT, "Token": tokens["RefreshToken"] });
        if self.call("RevokeToken", input).is_some() {
            for held in &mut self.held {
                held.ended |= held.tokens["RefreshToken"] == tokens["RefreshToken"];
            }
            let access = json!({ "AccessToken": tokens["AccessToken"] });
            assert!(
                self.call("GetUser", access).is_none(),
                "{at}: a revoked token is good"
            );
        }
    }

    fn check(&mut self, at: &str) {
        for held in self.held.iter().filter(|held| held.ended) {
            let access = json!({ "AccessToken": held.tokens["AccessToken"] });
            let alive = self.local.call("GetUser", access).is_ok();
            assert!(!alive, "{at}: a session that was ended is alive");
        }
        for person in &self.people {
            let input = json!({ "UserPoolId": POOL, "Username": person.name });
            let list = self.local.ok("AdminListUserSessions", input);
            assert!(
                list["Sessions"].as_array().unwrap().len() <= MOST_SESSIONS,
                "{at}"
            );
        }
    }
}

/// What an answer proves, if it is taken.
enum Proof {
    /// Nothing by itself: a way was chosen, a proof begun.
    None,
    Of(&'static str),
    /// It must not be taken.
    Wrong,
}
