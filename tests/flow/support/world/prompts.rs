//! The browser's prompts for a passkey, and how they end.

use cognito_flow::{Fields, Given, Input, Secret, Wanted};
use serde_json::Value;

use super::World;

/// A prompt under way.
pub(crate) struct Prompt {
    pub(crate) id: u32,
    pub(crate) wanted: Wanted,
    pub(crate) options: Value,
}

impl Prompt {
    pub(super) fn new(id: u32, wanted: Wanted, options: &Secret) -> Self {
        let options = match options.secret() {
            "" => Value::Null,
            options => serde_json::from_str(options).expect("the options are JSON"),
        };
        Self {
            id,
            wanted,
            options,
        }
    }
}

impl World {
    /// The prompt that the person sees.
    #[track_caller]
    pub(crate) fn prompted(&mut self) -> Prompt {
        self.prompts.pop().expect("the browser asks for a passkey")
    }

    /// The person gives a passkey: the prompt that is there ends with this credential.
    #[track_caller]
    pub(crate) fn give(&mut self, credential: &Value) {
        let prompt = self.prompted();
        self.give_to(prompt.id, credential);
    }

    /// A prompt ends with a credential, whether or not anybody waits for it.
    pub(crate) fn give_to(&mut self, id: u32, credential: &Value) {
        let json = credential.to_string();
        let credential = Fields::new(&json).map_or(Given::Ended("Error"), Given::Credential);
        self.end_prompt(id, credential);
    }

    /// The prompt that is there ends without a passkey.
    #[track_caller]
    pub(crate) fn refuse(&mut self, exception: &str) {
        let prompt = self.prompted();
        self.end_prompt(prompt.id, Given::Ended(exception));
    }

    fn end_prompt(&mut self, id: u32, given: Given<'_>) {
        self.feed(Input::Passkey { id, given }).unwrap();
        self.after_input();
    }
}
