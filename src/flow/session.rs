//! Who is signed in, and by which tokens. Everything that is sent, waited for or answered with a
//! token belongs to one session; when the session changes underneath, what belonged to the old one
//! is rejected or dropped.

mod device;
mod listed;
mod passkeys;
mod refresh;
mod revoke;
mod tokens;
mod user;

use crate::{
    config::Config,
    fields::{Fields, Reader},
    flow::{authorized::Authorized, next::Known, sign_in::SignIn},
    json::Object,
    secret::{Secret, Text},
    snapshot::{Attribute, Delivery},
    srp,
    time::{Deadline, Moment},
};

pub(crate) use device::{Devices, ExpectDevice, list_device};
pub(crate) use listed::{Listed, list_session};
pub(crate) use passkeys::NewPasskey;
pub(crate) use refresh::ExpectRefresh;
pub(crate) use revoke::{ExpectRevocation, Leaving};
pub(crate) use tokens::NewTokens;
pub(crate) use user::ExpectUser;

use device::Device;
use refresh::Refresh;
use tokens::Tokens;
use user::User;

pub(crate) struct Session {
    /// By what it is known: the same over all refreshes, and in all tabs.
    id: Text,
    tokens: Tokens,
    user: User,
    /// The user has changed since the tokens were made: the next who asks for them gets new ones.
    stale: bool,
    device: Option<Device>,
    /// It is kept in this tab alone.
    in_tab: bool,
    /// Whose the passkeys are, as the pool has named it last.
    relying_party: Option<Text>,
    /// A refresh under way, and what waits for it.
    refresh: Option<Box<Refresh>>,
}

impl Session {
    /// A new session, and what is to be done first in it.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn begin(
        new: NewTokens,
        sign_in: SignIn,
        known: &Known,
        config: &Config,
        now: &Moment,
    ) -> (Box<Self>, Authorized) {
        // A new one is told to who came without, or with one that the pool does not take.
        let key = sign_in.device.as_ref().filter(|_| new.device.is_none());
        let session = Box::new(Self {
            id: srp::hex(now.random.session_id()).into(),
            tokens: new.tokens,
            user: User::new(&sign_in),
            stale: false,
            device: key.map(|key| Device::known(key, &known.devices)),
            in_tab: known.in_tab,
            relying_party: None,
            refresh: None,
        });
        let first = match new.device.filter(|_| config.devices) {
            Some(device) => device.confirm(sign_in, now),
            None => Authorized::User(ExpectUser::SignedIn(sign_in)),
        };
        (session, first)
    }

    pub(crate) fn id(&self) -> &Text {
        &self.id
    }

    pub(crate) fn is(&self, id: &str) -> bool {
        self.id == *id
    }

    pub(crate) fn is_in_tab(&self) -> bool {
        self.in_tab
    }

    pub(crate) fn username(&self) -> &Text {
        &self.user.username
    }

    /// The name to sign in again with; none if nobody has typed it here.
    pub(crate) fn typed_name(&self) -> Option<Text> {
        (!self.tokens.from_redirect).then(|| self.user.username.clone())
    }

    /// What the page sees of `signedIn`.
    pub(crate) fn show(&self, shown: &mut Object) {
        let attributes = self.user.attributes.clone().unwrap_or_default();
        shown
            .string("username", &self.user.username)
            .map("attributes", &attributes)
            .time("tokensExpireAt", self.tokens.expires)
            .text("device", self.device.as_ref().map(Device::shown));
        self.user.unverified().show("unverified", shown);
    }

    /// Takes the news of a code that a change of this attribute has sent already.
    pub(crate) fn take_announced(
        &mut self,
        attribute: Attribute,
        now: &Moment,
    ) -> Option<Delivery> {
        self.user.take_announced(attribute, now)
    }

    /// The attribute was just verified; says whether it was known to be what had to be verified.
    pub(crate) fn mark_verified(&mut self, attribute: Attribute) -> bool {
        self.stale = true;
        self.user.mark_verified(attribute)
    }

    /// Writes what is kept of it.
    pub(crate) fn keep(&self, record: &mut Object) {
        record.string("id", &self.id);
        self.user.keep(record);
        self.tokens.keep(record);
        record
            .boolean("stale", self.stale)
            .boolean("inTab", self.in_tab);
        if let Some(device) = &self.device {
            device.keep(record);
        }
    }

    /// Reads what was kept. What a record says of its user counts only where it fits its token.
    pub(crate) fn restore(record: Fields<'_>, now: &Moment) -> Option<Box<Self>> {
        let mut reader = Reader::new(record);
        let tokens = Tokens::restore(&mut reader, now)?;
        let session = Box::new(Self {
            id: reader.text("id"),
            user: User::restore(&mut reader, &tokens),
            tokens,
            stale: reader.flag("stale", false),
            device: Device::restore(&mut reader),
            in_tab: reader.flag("inTab", false),
            relying_party: None,
            refresh: None,
        });
        reader.complete(session)
    }

    /// Takes over what another tab has made of the same session.
    pub(crate) fn renew(&mut self, newer: Self) {
        self.tokens = newer.tokens;
        self.stale = newer.stale;
        self.device = newer.device;
        self.user.renew(newer.user);
    }

    /// When time alone changes anything in it.
    pub(crate) fn deadline(&self) -> Deadline {
        self.refresh
            .as_deref()
            .map_or(Deadline::NEVER, Refresh::deadline)
    }

    /// The pool was asked to change the user, and its answer was lost.
    pub(crate) fn may_have_changed(&mut self) {
        self.stale = true;
    }

    pub(crate) fn access_token(&self) -> &Secret {
        &self.tokens.access
    }

    /// What the app is given of the tokens.
    pub(crate) fn shown_tokens(&self) -> Secret {
        self.tokens.session()
    }

    /// Whether the tokens will do for this.
    pub(crate) fn is_fresh_for(&self, what: &Authorized, now: &Moment) -> bool {
        self.tokens.are_fresh(now) && !what.is_forced() && !(self.stale && what.wants_claims())
    }

    /// Forgets what of the person's event waits for a token.
    pub(crate) fn drop_event(&mut self) {
        if let Some(refresh) = &mut self.refresh {
            refresh.drop_event();
        }
    }

    pub(crate) fn user_is_known(&self) -> bool {
        self.user.attributes.is_some()
    }
}
