//! What comes of the requests under way.

use cognito_flow::{Body, Fields, Input, Outcome};
use serde_json::Value;

use super::World;
use crate::support::{
    Fault,
    network::{self, Pending},
};

impl World {
    /// Answers every request that is to be answered at all, without letting time pass.
    pub(crate) fn answer_all(&mut self) {
        loop {
            self.look_at_locks();
            let next = self.network.under_way.pop_front();
            let Some(pending) = next else { break };
            self.answer_one(pending);
        }
    }

    /// Answers the request that was sent first.
    pub(crate) fn answer_next(&mut self) {
        let pending = self
            .network
            .under_way
            .pop_front()
            .expect("a request is under way");
        self.answer_one(pending);
    }

    fn answer_one(&mut self, pending: Pending) {
        let answer = match self.network.next_fault(pending.operation) {
            None => self.network.ask_pool(&pending, self.clock.wall),
            Some(Fault::Answer(answer)) => answer,
            Some(Fault::Firewall(answer)) => {
                return self.answer_from(pending.id, answer, true);
            }
            Some(Fault::NotSent) => return self.reply(pending.id, Outcome::NotSent),
            Some(Fault::Lost) => return self.reply(pending.id, Outcome::Lost),
            Some(Fault::AnswerLost) => {
                self.network.ask_pool(&pending, self.clock.wall);
                return self.reply(pending.id, Outcome::Lost);
            }
            Some(Fault::Silence) => return,
            Some(Fault::Late(ms)) => {
                let answer = self.network.ask_pool(&pending, self.clock.wall);
                self.clock.pass(ms);
                self.wake();
                answer
            }
        };
        self.answer_with(pending.id, answer);
    }

    pub(crate) fn answer_with(&mut self, id: u32, answer: network::Answer) {
        self.answer_from(id, answer, false);
    }

    fn answer_from(&mut self, id: u32, answer: network::Answer, firewall: bool) {
        if let (200, Some(body)) = (answer.status, &answer.body) {
            self.secrets.learn(body);
            self.shown_once.learn_shown_once(body);
        }
        let text = answer.body.as_ref().map(Value::to_string);
        let outcome = Outcome::Answer {
            status: answer.status,
            error_type: answer.error_type.map(Into::into),
            blocked: firewall,
            body: match &answer.body {
                Some(Value::Null) => Body::Empty,
                _ => text
                    .as_deref()
                    .and_then(Fields::new)
                    .map_or(Body::Other, Body::Object),
            },
        };
        self.reply(id, outcome);
    }

    /// Answers with status 200 and this body, whether or not anybody waits for it.
    pub(crate) fn answer_late(&mut self, id: u32, body: Value) {
        let body = body.to_string();
        let outcome = Outcome::Answer {
            status: 200,
            error_type: None,
            blocked: false,
            body: Fields::new(&body).map_or(Body::Other, Body::Object),
        };
        self.reply(id, outcome);
    }

    pub(crate) fn reply(&mut self, id: u32, outcome: Outcome<'_>) {
        self.feed(Input::Reply { id, outcome }).unwrap();
        self.after_input();
    }
}
