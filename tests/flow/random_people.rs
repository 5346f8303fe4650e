//! Two people, two tabs, one browser, and chance: whatever happens in which order, what belongs to
//! one is never done, stored, shown or given for the other.
//!
//! Each token says whose it is, and the pool answers for whoever it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use cognito_flow::Outcome;
use serde_json::{Value, json};

use crate::support::*;

const BROWSERS: u64 = 200;
const ACTIONS: u32 = 80;

/// The two tabs, what was asked in each, and how many tokens the pool has made.
struct Browser {
    tabs: Vec<World>,
    /// The calls that are not answered yet, each with the number of the session that it was asked of.
    asked: Vec<BTreeMap<u32, Asked>>,
    /// How many times anybody has signed in.
    sessions: u32,
    tokens: u32,
    seen: BTreeSet<&'static str>,
}

struct Asked {
    name: &'static str,
    /// The id of the session's record.
    session: Value,
    person: String,
}

#[test]
fn nothing_that_belongs_to_one_person_is_ever_anothers() {
    let mut seen = BTreeSet::new();
    for seed in 0..BROWSERS {
        let mut dice = Dice(seed);
        let mut browser = Browser::new(&mut dice);
        for _ in 0..ACTIONS {
            browser.act(&mut dice);
            browser.check(seed);
        }
        browser.settle(seed);
        seen.extend(browser.seen);
    }
    let all = ["given", "refreshed", "spent", "sent", "both"];
    assert_eq!(seen, all.into(), "the dice do all that is to be seen");
}

/// Whose a token is: `<kind>.<person>.<session>.<number>`.
fn person_of(token: &Value) -> String {
    token.as_str().unwrap().split('.').nth(1).unwrap().into()
}

/// Which session a token is of.
fn session_of(token: &Value) -> String {
    token.as_str().unwrap().split('.').nth(2).unwrap().into()
}

impl Browser {
    fn new(dice: &mut Dice) -> Self {
        let options = json!({ "verify": { "when": dice.pick(vec!["always", "never"]) } });
        let mut first = World::scripted_with(options);
        first.clock.jitter = dice.pick(vec![0.0, 0.5, 0.999]);
        let second = first.new_tab();
        Self {
            tabs: vec![first, second],
            asked: vec![BTreeMap::new(), BTreeMap::new()],
            sessions: 0,
            tokens: 0,
            seen: BTreeSet::new(),
        }
    }

    fn act(&mut self, dice: &mut Dice) {
        let at = dice.roll(2);
        match dice.roll(24) {
            0..=4 => {
                let event = some_event(dice);
                let _ = self.tabs[at].start(event);
            }
            5..=8 => self.ask(at, dice),
            9..=17 => self.answer(at, dice),
            18 => {
                let ms = dice.pick(vec![250.0, 3.0 * SECOND, MINUTE, HOUR, 2.0 * HOUR]);
                for tab in &mut self.tabs {
                    tab.pass_without_answers(ms);
                }
            }
            19 => {
                self.asked[at].clear();
                self.tabs[at].reload();
            }
            20 => self.plant(dice),
            21 => self.tabs[at].notice_storage(),
            _ => self.tabs[at].wake(),
        }
    }

    fn ask(&mut self, at: usize, dice: &mut Dice) {
        let (name, arguments) = dice.pick(vec![
            ("session", json!({})),
            ("session", json!({ "refresh": true })),
            ("mfaPreference", json!({})),
            (
                "updateAttributes",
                json!({ "attributes": { "nickname": "Al" } }),
            ),
            ("deleteUser", json!({})),
        ]);
        let tab = &mut self.tabs[at];
        if tab.step() != "signedIn" {
            return;
        }
        // What the page believes when it asks.
        let shown = tab.snapshot();
        let (session, before) = (tab.known_record(), tab.network.log.len());
        match tab.start_call(name, arguments) {
            Ok(ticket) => {
                let asked = Asked {
                    name,
                    session: session["id"].clone(),
                    person: shown["username"].as_str().unwrap().into(),
                };
                self.asked[at].insert(ticket, asked);
            }
            Err(error) => {
                assert_eq!(error.code.as_str(), "challengeSpent");
                // Whoever is there now may have to be asked for.
                let sent = tab.network.log[before..].iter();
                let done = sent.filter(|(operation, _)| *operation != "GetUser");
                assert_eq!(done.count(), 0, "nothing is sent for it");
                self.seen.insert("spent");
            }
        }
    }

    /// The pool answers one of the requests under way, for whoever it is from.
    fn answer(&mut self, at: usize, dice: &mut Dice) {
        self.tabs[at].look_at_locks();
        let tab = &mut self.tabs[at];
        if tab.network.under_way.is_empty() {
            return;
        }
        let which = dice.roll(tab.network.under_way.len());
        let pending = tab.network.under_way.remove(which).unwrap();
        match dice.roll(12) {
            0 => return tab.reply(pending.id, Outcome::Lost),
            1 => return tab.reply(pending.id, Outcome::NotSent),
            2 if pending.operation != "InitiateAuth" => {
                let Fault::Answer(dead) = dead_access_token() else {
                    panic!("an answer is scripted")
                };
                return tab.answer_with(pending.id, dead);
            }
            _ => {}
        }
        let body = self.answer_of_the_pool(pending.operation, &pending.body);
        self.tabs[at].answer_late(pending.id, body);
    }

    fn answer_of_the_pool(&mut self, operation: &str, request: &Value) -> Value {
        let parameters = &request["AuthParameters"];
        match operation {
            "InitiateAuth" => {
                let refresh = &parameters["REFRESH_TOKEN"];
                let (person, session) = match refresh.is_string() {
                    true => {
                        self.seen.insert("refreshed");
                        (person_of(refresh), session_of(refresh))
                    }
                    false => {
                        self.sessions += 1;
                        let person = parameters["USERNAME"].as_str().unwrap();
                        (person.into(), self.sessions.to_string())
                    }
                };
                self.tokens += 1;
                let token = |kind: &str| format!("{kind}.{person}.{session}.{}", self.tokens);
                json!({ "AuthenticationResult": {
                    "AccessToken": token("access"), "IdToken": token("id"),
                    "RefreshToken": token("refresh"), "ExpiresIn": 3600, "TokenType": "Bearer",
                } })
            }
            "GetUser" => {
                let person = person_of(&request["AccessToken"]);
                json!({ "Username": person, "UserAttributes": [
                    { "Name": "sub", "Value": person },
                    { "Name": "email", "Value": format!("{person}@example.com") },
                    { "Name": "email_verified", "Value": "false" },
                ] })
            }
            "GetUserAttributeVerificationCode" => json!({ "CodeDeliveryDetails": {
                "DeliveryMedium": "EMAIL", "AttributeName": "email",
                "Destination": person_of(&request["AccessToken"]),
            } }),
            _ => json!({}),
        }
    }

    /// Somebody else changes the record, or clears the storage.
    fn plant(&mut self, dice: &mut Dice) {
        let storage = self.tabs[0].storage.clone().unwrap();
        let record = self.tabs[0].record();
        let mut other = record.clone();
        if record.is_object() {
            match dice.roll(4) {
                0 => other["endpoint"] = json!("https://elsewhere.example/"),
                1 => other["version"] = json!(1),
                2 => other["lifetime"] = json!(1e300),
                _ => other = Value::Null,
            }
        }
        match dice.roll(3) {
            0 => storage.set_session(Some(other.to_string()).filter(|_| other.is_object())),
            1 => {
                storage.set_session(None);
                storage.set_devices(None);
            }
            _ => {}
        }
    }

    /// What must hold at any time.
    fn check(&mut self, seed: u64) {
        let record = self.tabs[0].record();
        let own = self.tabs.iter().map(World::known_record);
        let records: Vec<_> = own.chain([record]).collect();
        for record in records {
            if record["accessToken"].is_string() {
                self.check_record(&record, seed);
            }
        }
        for at in 0..2 {
            let shown = self.tabs[at].snapshot();
            if shown["step"] == "signedIn" {
                let (name, sub) = (&shown["username"], &shown["attributes"]["sub"]);
                assert!(sub.is_null() || sub == name, "seed {seed}: {shown}");
            }
            self.check_answers(at, seed);
            let requests = self.tabs[at].network.log.drain(..).collect::<Vec<_>>();
            for (operation, body) in requests {
                self.check_request(at, operation, &body, seed);
            }
        }
        let both = |step: &str| self.tabs.iter().all(|tab| tab.step() == step);
        if both("signedIn") {
            self.seen.insert("both");
        }
    }

    fn check_record(&mut self, record: &Value, seed: u64) {
        let person = person_of(&record["accessToken"]);
        let tokens = ["accessToken", "idToken", "refreshToken"];
        for token in tokens {
            assert_eq!(person_of(&record[token]), person, "seed {seed}: {record}");
            let session = session_of(&record["accessToken"]);
            assert_eq!(session_of(&record[token]), session, "seed {seed}: {record}");
        }
        assert_eq!(record["username"], person.as_str(), "seed {seed}");
        let sub = &record["attributes"]["sub"];
        assert!(
            sub.is_null() || *sub == person.as_str(),
            "seed {seed}: {record}"
        );
    }

    fn check_answers(&mut self, at: usize, seed: u64) {
        let waiting = std::mem::take(&mut self.asked[at]);
        for (ticket, asked) in waiting {
            match self.tabs[at].answer(ticket) {
                None => {
                    // Whoever still waits waits for the session that is there.
                    let present = self.tabs[at].known_record();
                    if self.tabs[at].step() == "signedIn" && present["id"] != asked.session {
                        let stored = self.tabs[at].record();
                        assert_ne!(present, stored, "seed {seed}: {} is forgotten", asked.name);
                    }
                    self.asked[at].insert(ticket, asked);
                }
                Some(Ok(given)) if asked.name == "session" => {
                    let person = person_of(&given["accessToken"]);
                    assert_eq!(person, asked.person, "seed {seed}: anothers tokens");
                    assert_eq!(person_of(&given["idToken"]), person, "seed {seed}");
                    self.seen.insert("given");
                }
                Some(_) => {}
            }
        }
    }

    /// A request with a token is sent for whoever the tab shows.
    fn check_request(&mut self, at: usize, operation: &str, body: &Value, seed: u64) {
        let shown = self.tabs[at].snapshot();
        let token = &body["AccessToken"];
        if shown["step"] == "signedIn" && token.is_string() && operation != "GlobalSignOut" {
            let person = person_of(token);
            assert_eq!(
                shown["username"],
                person.as_str(),
                "seed {seed}: {operation}"
            );
            self.seen.insert("sent");
        }
    }

    /// Left alone, whatever is under way comes to an end, and both tabs agree.
    fn settle(&mut self, seed: u64) {
        for _ in 0..2 {
            for tab in &mut self.tabs {
                tab.network.under_way.clear();
                tab.pass_without_answers(HOUR);
            }
        }
        for at in 0..2 {
            self.tabs[at].notice_storage();
            assert_eq!(self.tabs[at].snapshot()["busy"], Value::Null, "seed {seed}");
            let waiting = std::mem::take(&mut self.asked[at]);
            for (ticket, asked) in waiting {
                let answer = self.tabs[at].answer(ticket);
                assert!(
                    answer.is_some(),
                    "seed {seed}: {} waits for ever",
                    asked.name
                );
            }
        }
        let shows =
            |tab: &World| (tab.step() == "signedIn").then(|| tab.snapshot()["username"].clone());
        // A session of a tab alone is nothing to agree on.
        let shared = self.tabs.iter().all(|tab| tab.own_session.is_none());
        if shared && let (Some(first), Some(second)) = (shows(&self.tabs[0]), shows(&self.tabs[1]))
        {
            assert_eq!(first, second, "seed {seed}: the tabs show two people");
        }
    }
}

fn some_event(dice: &mut Dice) -> Value {
    let name = dice.pick(vec![USER, OTHER]);
    let sign_in = json!({
        "type": "signIn", "username": name, "password": PASSWORD, "remember": dice.roll(5) > 0,
    });
    dice.pick(vec![
        sign_in.clone(),
        sign_in.clone(),
        sign_in,
        event("signOut"),
        json!({ "type": "signOut", "everywhere": true }),
        event("cancel"),
        event("skipVerification"),
        event("resendCode"),
        submit("123456"),
        json!({ "type": "verifyAttribute", "attribute": "email" }),
    ])
}
