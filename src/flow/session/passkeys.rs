//! The passkeys of who is signed in: made by the browser and confirmed by the pool, listed, deleted.

use crate::{
    effect::{Effect, Wanted},
    error::Code,
    fields::Fields,
    flow::{Flow, calls::Answer, prompt::Waits, session::Session},
    json::Object,
    secret::{Secret, Text},
    time::{Deadline, Moment},
};

/// A passkey that is being made.
pub(crate) struct NewPasskey {
    pub(crate) ticket: u32,
    relying_party: Option<Text>,
}

impl Session {
    fn learn_relying_party(&mut self, id: Option<Text>) {
        self.relying_party = id.or(self.relying_party.take());
    }

    /// One of `ListWebAuthnCredentials`, as the app is told it. What has no id is none.
    pub(crate) fn list_passkey(&mut self, passkey: Fields<'_>, list: &mut Object) {
        let Some(id) = passkey.string("CredentialId") else {
            return;
        };
        let name = passkey.string("FriendlyCredentialName");
        let transports = passkey.strings("AuthenticatorTransports");
        let transports = transports.unwrap_or_default();
        self.learn_relying_party(passkey.string("RelyingPartyId"));
        list.item()
            .string("id", &id)
            .text("name", name.as_deref())
            .seconds("createdAt", passkey.number("CreatedAt"))
            .strings("transports", &mut transports.iter().map(Text::as_str))
            .close();
    }
}

impl Flow {
    /// The pool has said what a new passkey is to be: the browser is asked for it.
    pub(crate) fn on_passkey_begun(&mut self, ticket: u32, reply: Fields<'_>, now: &Moment) {
        let Some(options) = reply.object("CredentialCreationOptions") else {
            return self.answer(ticket, Err(Code::Server.into()));
        };
        let relying_party = options.object("rp").and_then(|rp| rp.string("id"));
        if let Some(session) = &mut self.known.session {
            session.learn_relying_party(relying_party.clone());
        }
        let waits = Waits::Registration(NewPasskey {
            ticket,
            relying_party,
        });
        let until = Deadline::after(now, self.config.session_ms);
        let options = Secret::from(options.json());
        self.prompt(Wanted::Create, options, waits, until, now);
    }

    /// Whether or not the pool takes what the browser has made. A passkey that it refuses is of no
    /// use to the person: the browser need not keep it.
    pub(crate) fn on_passkey_made(
        &mut self,
        passkey: NewPasskey,
        credential: &Secret,
        answer: Answer<'_>,
    ) {
        let failed = answer.err().map(|failed| failed.error);
        if let Some(error) = &failed
            && let Code::PasskeyFailed | Code::PasskeyUnsupported | Code::AttemptLimit = error.code
        {
            let id = Fields::new(credential.secret()).and_then(|made| made.string("id"));
            self.forget_passkey(passkey.relying_party, id);
        }
        let result = failed.map_or_else(|| Ok(Secret::from("null")), Err);
        self.answer(passkey.ticket, result);
    }

    /// The pool does not know it (any more): the browser is told.
    pub(crate) fn passkey_is_unknown(&mut self, id: Text) {
        let session = self.known.session.as_ref();
        let relying_party = session.and_then(|session| session.relying_party.clone());
        self.forget_passkey(relying_party, Some(id));
    }

    pub(crate) fn forget_passkey(&mut self, relying_party: Option<Text>, id: Option<Text>) {
        if let Some(credential) = id {
            self.effects.push(Effect::PasskeyUnknown {
                relying_party,
                credential,
            });
        }
    }
}
