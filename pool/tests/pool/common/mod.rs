//! A pool with a virtual clock, and a client of its own: its SRP shares nothing with the pool's
//! but the big-integer library.

pub(crate) mod authenticator;
mod mutated;
mod shapes;

use base64ct::{Base64, Encoding};
use cognito_pool::{Options, Pool, Request, SeededRandomness, declares};
use hmac::{Hmac, KeyInit, Mac};
use rsa::BigUint;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const POOL: &str = "eu-west-1_AbCdEfGhI";
pub(crate) const CLIENT: &str = "app";
pub(crate) const PHONE: &str = "+12065550108";
pub(crate) const EMAIL: &str = "alice@example.com";
pub(crate) const PASSWORD: &str = "Passw0rd!";
pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// An exception: its name and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exception(pub(crate) String, pub(crate) String);

pub(crate) fn invalid(message: &str) -> Exception {
    Exception("InvalidParameterException".into(), message.into())
}

/// A member of each row.
pub(crate) fn column(rows: &Value, member: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[member].as_str().unwrap().into())
        .collect()
}

pub(crate) struct Local {
    pub(crate) pool: Pool,
    pub(crate) now: u64,
    pub(crate) randomness: SeededRandomness,
}

/// Whatever a test did, the rows that the pool told of are all that it was.
#[cfg(feature = "server")]
impl Drop for Local {
    fn drop(&mut self) {
        let Some(changes) = self.pool.take_changes() else {
            return;
        };
        if std::thread::panicking() {
            return;
        }
        let mut rows = std::collections::BTreeMap::new();
        for change in changes {
            match change.row {
                Some(row) => rows.insert(change.key, row),
                None => rows.remove(&change.key),
            };
        }
        let mut again = Pool::new(Options::default());
        again.begin_with(rows).unwrap();
        let [kept, was]: [Value; 2] =
            [&again, &self.pool].map(|pool| serde_json::from_str(&pool.save()).unwrap());
        assert!(kept == was, "the journal missed something: {kept}\n{was}");
    }
}

impl Local {
    pub(crate) fn new(description: Value) -> Self {
        Self::with_options(description, Options::default())
    }

    pub(crate) fn with_options(mut description: Value, options: Options) -> Self {
        let mut local = Self {
            pool: Pool::new(options),
            // 2026-03-01T00:00:00Z
            now: 1_772_323_200_000,
            randomness: SeededRandomness::new(42),
        };
        #[cfg(feature = "server")]
        local.pool.begin_with([]).unwrap();
        let members = description.as_object_mut().unwrap();
        members.entry("Id").or_insert(json!(POOL));
        members.entry("PoolName").or_insert(json!("test"));
        let client = json!({
            "ClientId": CLIENT,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        });
        members.entry("Clients").or_insert(json!([client]));
        local
            .pool
            .create_user_pool(&description, local.now, &mut local.randomness)
            .unwrap();
        local
    }

    /// A pool that verifies email and phone and can send SMS, with `more` settings.
    pub(crate) fn verifying(more: Value) -> Self {
        let mut description = json!({
            "AutoVerifiedAttributes": ["email", "phone_number"],
            "SmsConfiguration": {
                "SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "external",
            },
        });
        for (name, value) in more.as_object().unwrap() {
            description[name] = value.clone();
        }
        Self::new(description)
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.now += seconds * 1000;
    }

    /// Calls an operation. Whatever it answers has the model's shape; an error is one that the API
    /// declares.
    pub(crate) fn call(&mut self, operation: &str, input: Value) -> Result<Value, Exception> {
        let request = Request::operation(operation, &input);
        let before = mutated::is_new(operation).then(|| self.pool.save());
        let response = self.pool.handle(&request, self.now, &mut self.randomness);
        let body = response.json();
        if response.status == 200 {
            assert!(response.error_name().is_none());
            assert_eq!(shapes::faults(operation, &body), Vec::<String>::new());
            if let Some(before) = before
                && mutated::is_first(operation)
            {
                let pool = Pool::restore(self.pool.options().clone(), &before).unwrap();
                mutated::hold(pool, self.now, operation, &input);
            }
            return Ok(body);
        }
        let name = body["__type"].as_str().unwrap().to_owned();
        assert_eq!(response.error_name(), Some(name.as_str()));
        assert!(
            declares(operation, &name) || name == "SerializationException",
            "{operation} answered {name}, which the API does not declare: {body}"
        );
        assert_eq!(response.status, 400);
        Err(Exception(
            name,
            body["message"].as_str().unwrap().to_owned(),
        ))
    }

    /// All pages of a list: of each row a member.
    pub(crate) fn pages(
        &mut self,
        (operation, rows, member): (&str, &str, &str),
        mut input: Value,
    ) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        // A list that has no end has so many pages.
        while pages.len() < 100 {
            let reply = self.ok(operation, input.clone());
            pages.push(column(&reply[rows], member));
            let mut tokens = ["NextToken", "PaginationToken"].into_iter();
            let Some(token) = tokens.find(|token| reply.get(token).is_some()) else {
                break;
            };
            input[token] = reply[token].clone();
        }
        pages
    }

    pub(crate) fn ok(&mut self, operation: &str, input: Value) -> Value {
        match self.call(operation, input) {
            Ok(output) => output,
            Err(error) => panic!("{operation}: {error:?}"),
        }
    }

    /// The name of the error.
    pub(crate) fn err(&mut self, operation: &str, input: Value) -> String {
        self.refused(operation, input).0
    }

    pub(crate) fn message(&mut self, operation: &str, input: Value) -> String {
        self.refused(operation, input).1
    }

    pub(crate) fn refused(&mut self, operation: &str, input: Value) -> Exception {
        match self.call(operation, input) {
            Ok(output) => panic!("{operation} was not refused: {output}"),
            Err(error) => error,
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Value {
        self.pool
            .handle(&Request::get(path), self.now, &mut self.randomness)
            .json()
    }

    /// A request in the query protocol of IAM and SNS; gives the status.
    pub(crate) fn form(&mut self, body: &str) -> u16 {
        let request = Request {
            method: "POST".into(),
            path: "/".into(),
            headers: vec![(
                "content-type".into(),
                "application/x-www-form-urlencoded".into(),
            )],
            body: body.as_bytes().to_vec(),
        };
        self.pool
            .handle(&request, self.now, &mut self.randomness)
            .status
    }

    /// Every message, oldest first.
    pub(crate) fn outbox(&mut self) -> Vec<Value> {
        self.get("/_pool/outbox").as_array().unwrap().clone()
    }

    /// The code last sent to a recipient.
    pub(crate) fn code(&mut self, to: &str) -> String {
        let sent = self.outbox();
        let last = sent
            .iter()
            .rev()
            .find(|message| message["to"] == to && message["code"] != Value::Null);
        last.unwrap_or_else(|| panic!("nothing was sent to {to}"))["code"]
            .as_str()
            .unwrap()
            .into()
    }

    pub(crate) fn sign_up(&mut self, username: &str) -> Value {
        let attributes = json!([
            { "Name": "email", "Value": EMAIL }, { "Name": "phone_number", "Value": PHONE },
        ]);
        self.ok(
            "SignUp",
            json!({
                "ClientId": CLIENT, "Username": username, "Password": PASSWORD,
                "UserAttributes": attributes,
            }),
        )
    }

    /// A confirmed user with the phone verified.
    pub(crate) fn confirmed(&mut self, username: &str) {
        self.sign_up(username);
        let code = self.code(PHONE);
        let input = json!({ "ClientId": CLIENT, "Username": username, "ConfirmationCode": code });
        self.ok("ConfirmSignUp", input);
    }

    pub(crate) fn initiate(&mut self, username: &str, password: &str) -> Result<Value, Exception> {
        self.call(
            "InitiateAuth",
            json!({
                "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": { "USERNAME": username, "PASSWORD": password },
            }),
        )
    }

    /// Signs in without a second factor; gives `AuthenticationResult`.
    pub(crate) fn tokens(&mut self, username: &str) -> Value {
        let reply = self.initiate(username, PASSWORD).unwrap();
        reply["AuthenticationResult"].as_object().expect("tokens");
        reply["AuthenticationResult"].clone()
    }

    pub(crate) fn respond(
        &mut self,
        challenge: &Value,
        username: &str,
        responses: Value,
    ) -> Result<Value, Exception> {
        let mut responses = responses;
        responses["USERNAME"] = json!(username);
        let mut input = json!({
            "ClientId": CLIENT,
            "ChallengeName": challenge["ChallengeName"],
            "ChallengeResponses": responses,
        });
        if let Some(session) = challenge["Session"].as_str() {
            input["Session"] = json!(session);
        }
        self.call("RespondToAuthChallenge", input)
    }

    /// The whole of SRP.
    pub(crate) fn srp(&mut self, username: &str, password: &str) -> Result<Value, Exception> {
        let client = SrpClient::new(POOL);
        let challenge = self.call(
            "InitiateAuth",
            json!({
                "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": { "USERNAME": username, "SRP_A": client.srp_a() },
            }),
        )?;
        assert_eq!(challenge["ChallengeName"], "PASSWORD_VERIFIER");
        let responses = client.answer(&challenge["ChallengeParameters"], password);
        let username = responses["USERNAME"].as_str().unwrap().to_owned();
        self.respond(&challenge, &username, responses)
    }

    pub(crate) fn user(&mut self, tokens: &Value) -> Value {
        self.ok("GetUser", json!({ "AccessToken": tokens["AccessToken"] }))
    }
}

/// The value of an attribute in a list of `{ Name, Value }`.
pub(crate) fn attribute(user: &Value, name: &str) -> Option<String> {
    let list = user["UserAttributes"]
        .as_array()
        .or(user["Attributes"].as_array())
        .unwrap();
    let pair = list.iter().find(|pair| pair["Name"] == name)?;
    Some(pair["Value"].as_str().unwrap().into())
}

/// The claims of a token, its signature unchecked.
pub(crate) fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    let bytes = base64ct::Base64UrlUnpadded::decode_vec(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// A code of an authenticator app.
pub(crate) fn totp(secret: &str, now: u64) -> String {
    let mut bits = String::new();
    for letter in secret.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
        bits.push_str(&format!("{value:05b}"));
    }
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let mut mac = <Hmac<sha1::Sha1> as KeyInit>::new_from_slice(&key).unwrap();
    mac.update(&(now / 30_000).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

pub(crate) struct SrpClient {
    pool: String,
    a: BigUint,
    n: BigUint,
}

impl SrpClient {
    pub(crate) fn new(pool_id: &str) -> Self {
        let vectors: Value =
            serde_json::from_str(include_str!("../../../../tests/data/srp-vectors.json")).unwrap();
        Self {
            pool: pool_id.rsplit('_').next().unwrap().into(),
            a: number("5f1c0ffee0ddf00d5f1c0ffee0ddf00d5f1c0ffee0ddf00d5f1c0ffee0ddf00d"),
            n: number(vectors["N"].as_str().unwrap()),
        }
    }

    pub(crate) fn srp_a(&self) -> String {
        BigUint::from(2_u32)
            .modpow(&self.a, &self.n)
            .to_str_radix(16)
    }

    /// `ChallengeResponses` for PASSWORD_VERIFIER.
    pub(crate) fn answer(&self, parameters: &Value, password: &str) -> Value {
        let text = |name: &str| parameters[name].as_str().unwrap();
        let user = text("USER_ID_FOR_SRP");
        let g = BigUint::from(2_u32);
        let b = number(text("SRP_B"));
        let srp_a = number(&self.srp_a());
        let k = hash(&[&signed(&self.n), &signed(&g)]);
        let u = hash(&[&signed(&srp_a), &signed(&b)]);
        let identity = Sha256::digest(format!("{}{user}:{password}", self.pool));
        let x = hash(&[&signed(&number(text("SALT"))), &identity]);
        let v = g.modpow(&x, &self.n);
        let base = (&b + &self.n * &k - (&k * v) % &self.n) % &self.n;
        let s = base.modpow(&(&self.a + u.clone() * x), &self.n);
        let prk = hmac(&signed(&u), &[&signed(&s)]);
        let key = &hmac(&prk, &[b"Caldera Derived Key", &[1]])[..16];
        let timestamp = "Sun Mar 1 00:00:00 UTC 2026";
        let block = Base64::decode_vec(text("SECRET_BLOCK")).unwrap();
        let signature = hmac(
            key,
            &[
                self.pool.as_bytes(),
                user.as_bytes(),
                &block,
                timestamp.as_bytes(),
            ],
        );
        json!({
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
            "PASSWORD_CLAIM_SIGNATURE": Base64::encode_string(&signature),
            "TIMESTAMP": timestamp,
        })
    }
}

/// The verifier that a device sends of its secret.
pub(crate) fn device_verifier(group: &str, key: &str, secret: &str, salt: &[u8]) -> Vec<u8> {
    let n = SrpClient::new(group).n;
    let identity = Sha256::digest(format!("{group}{key}:{secret}"));
    let x = hash(&[salt, &identity]);
    BigUint::from(2_u32).modpow(&x, &n).to_bytes_be()
}

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap()
}

fn signed(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    if bytes[0] >= 0x80 {
        [vec![0], bytes].concat()
    } else {
        bytes
    }
}

fn hash(parts: &[&[u8]]) -> BigUint {
    BigUint::from_bytes_be(&Sha256::digest(parts.concat()))
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(&parts.concat());
    mac.finalize().into_bytes().to_vec()
}

/// The members of `more` beside those of `base`.
pub(crate) fn with(mut base: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

/// The same, of a user.
pub(crate) fn of(username: &str, more: Value) -> Value {
    with(json!({ "UserPoolId": POOL, "Username": username }), more)
}

/// Attributes as requests have them.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Value {
    let pair = |(name, value): &(&str, &str)| json!({ "Name": name, "Value": value });
    pairs.iter().map(pair).collect()
}

/// A user whom an administrator made.
pub(crate) fn made(local: &mut Local, username: &str, attributes: &[(&str, &str)]) -> Value {
    let more = json!({ "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
        "UserAttributes": pairs(attributes) });
    local.ok("AdminCreateUser", of(username, more))["User"].clone()
}

/// A user who has signed in with a password that lasts.
pub(crate) fn settled(local: &mut Local, username: &str, attributes: &[(&str, &str)]) {
    made(local, username, attributes);
    let more = json!({ "Password": PASSWORD, "Permanent": true });
    local.ok("AdminSetUserPassword", of(username, more));
}
