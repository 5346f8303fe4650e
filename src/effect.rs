//! What the host must do.

use crate::{
    error::FlowError,
    secret::{Secret, Text},
};

/// One thing for the host to do, in the order given.
#[derive(Debug)]
pub enum Effect {
    /// Post a request; answer with [`crate::Input::Reply`] of the same id.
    Send {
        /// Never used twice by one flow.
        id: u32,
        /// What to post.
        request: Request,
    },
    /// The answer to this request, or to this prompt, is no longer waited for.
    Abort {
        /// Its id.
        id: u32,
    },
    /// Ask the browser for a passkey; answer with [`crate::Input::Passkey`] of the same id.
    Passkey {
        /// Never used twice by one flow.
        id: u32,
        /// What is asked for.
        wanted: Wanted,
        /// The pool's options: JSON as `PublicKeyCredential.parse…FromJSON` takes it. Empty where it is
        /// only asked whether a passkey can be offered: it can if the answer is an object.
        options: Secret,
    },
    /// Tell the browser's key store that the pool does not know this passkey.
    PasskeyUnknown {
        /// Whose it was (`rpId`); the page's own site where that is not known.
        relying_party: Option<Text>,
        /// The credential's id, in base64url.
        credential: Text,
    },
    /// Keep a record, in place of the one in that slot. It holds secrets.
    Save {
        /// Where.
        slot: Slot,
        /// JSON.
        record: Secret,
        /// In this tab alone, wherever the app keeps the others: the person wants it so.
        in_tab: bool,
    },
    /// Forget the record in that slot.
    Erase {
        /// Where.
        slot: Slot,
    },
    /// Get the lock that all tabs share; then give [`crate::Input::Locked`] of the same id.
    Lock {
        /// Never used twice by one flow.
        id: u32,
    },
    /// Give the lock back, or stop waiting for it.
    Unlock {
        /// The lock's id.
        id: u32,
    },
    /// Leave the page for one of the user pool's domain: `{ verifier, hash, parameters, state }` to sign
    /// in there, or an empty object to sign out there. It holds a secret.
    Redirect {
        /// JSON.
        to: Secret,
    },
    /// The event under way will not be done: it belonged to a session that is gone.
    Reject {
        /// What to tell whoever waits for the event.
        error: FlowError,
    },
    /// Answer an [`crate::Input::Ask`].
    Answer {
        /// Its ticket.
        ticket: u32,
        /// What to tell the caller, as JSON; `null` where there is nothing to tell. It may hold
        /// tokens.
        result: Result<Secret, FlowError>,
    },
}

/// A request of Cognito's protocol: `POST {endpoint}/` with
/// `x-amz-target: AWSCognitoIdentityProviderService.{operation}`.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation's name.
    pub operation: &'static str,
    /// JSON. It holds secrets.
    pub body: Secret,
    /// Whether it should outlive the page (a revocation when the person leaves).
    pub keepalive: bool,
}

/// What the browser is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A new passkey.
    Create,
    /// A proof by a passkey.
    Get,
    /// The same, offered in the field for the name (`mediation: "conditional"`).
    Offer,
}

impl Wanted {
    /// The name in JS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::Offer => "offer",
        }
    }
}

/// Where a record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The tokens: in the storage that the app chose.
    Session,
    /// What the person is in the middle of: for this tab only, and only if the app chose a
    /// storage at all.
    Pending,
    /// The devices that the pool knows: beside the session, and kept when it ends.
    Devices,
}

impl Slot {
    /// Every slot, in the order of its number.
    pub const ALL: [Self; 3] = [Self::Session, Self::Pending, Self::Devices];
}
