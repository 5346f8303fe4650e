//! A device that the pool tracks: confirmed once, named at each refresh, and kept per user beside
//! the session, so that it outlives signing out.
//!
//! Source: developer guide, *Working with user devices in your user pool*.

use crate::{
    error::Code,
    fields::{self, Fields, Reader},
    flow::{
        authorized::Authorized,
        calls::Answer,
        next::{Cx, Next},
        session::{Session, user::ExpectUser},
        sign_in::SignIn,
    },
    json::Object,
    secret::{Secret, Text},
    srp,
    time::Moment,
};

/// So many are kept: one for each user who signs in here.
const MOST: usize = 16;

/// `NewDeviceMetadata`: a device that the pool would like to be confirmed.
pub(crate) struct NewDevice {
    key: Text,
    group: Text,
}

/// The device of a session.
pub(super) struct Device {
    pub(super) key: Text,
    /// The pool leaves it to the person whether it is remembered, and has had no answer yet.
    asks: bool,
}

/// After `ConfirmDevice`, on the way to being signed in.
pub(crate) struct ExpectDevice {
    pub(super) sign_in: SignIn,
    device: NewDevice,
    pub(crate) verifier: srp::DeviceVerifier,
}

impl NewDevice {
    pub(super) fn read(result: Fields<'_>) -> Option<Self> {
        let metadata = result.object("NewDeviceMetadata")?;
        let name = |name| metadata.string(name).filter(|name| !name.is_empty());
        Some(Self {
            key: name("DeviceKey").filter(|key| key.len() <= 128)?,
            group: name("DeviceGroupKey").filter(|group| group.len() <= 128)?,
        })
    }

    /// Draws a secret for it, and what the pool will check it by.
    pub(super) fn confirm(self, sign_in: SignIn, now: &Moment) -> Authorized {
        let (secret, salt) = (now.random.device_secret(), now.random.device_salt());
        let verifier = srp::DeviceVerifier::new(&self.group, &self.key, secret, salt);
        Authorized::ConfirmDevice(Box::new(ExpectDevice {
            sign_in,
            device: self,
            verifier,
        }))
    }
}

impl Device {
    /// One on which the user has signed in before.
    pub(super) fn known(key: &Text, devices: &Devices) -> Self {
        Self {
            key: key.clone(),
            asks: devices.asks(key),
        }
    }

    pub(super) fn shown(&self) -> &'static str {
        if self.asks { "ask" } else { "remembered" }
    }

    pub(super) fn keep(&self, record: &mut Object) {
        record
            .string("deviceKey", &self.key)
            .boolean("deviceAsks", self.asks);
    }

    pub(super) fn restore(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            key: reader.optional_text("deviceKey")?,
            asks: reader.flag("deviceAsks", false),
        })
    }
}

impl ExpectDevice {
    /// Writes the members of `ConfirmDevice`.
    pub(crate) fn write(&self, name: Option<&Text>, body: &mut Object) {
        body.string("DeviceKey", &self.device.key)
            .optional("DeviceName", name.map(Text::as_str))
            .begin("DeviceSecretVerifierConfig")
            .string("Salt", &self.verifier.salt)
            .string("PasswordVerifier", &self.verifier.verifier)
            .close();
    }

    /// A device that could not be confirmed does not keep anybody from being signed in. One of
    /// which that is not known is kept: the pool may want to hear of it at the next refresh.
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let asks = match &answer {
            Ok(reply) => Some(reply.boolean("UserConfirmationNecessary") == Some(true)),
            Err(failed) => (failed.error.code == Code::OutcomeUnknown).then_some(false),
        };
        if let (Some(asks), Some(session)) = (asks, &mut cx.known.session) {
            let typed = &self.sign_in.username;
            let user_id = session.user.user_id.clone();
            let user_id = user_id.or_else(|| session.tokens.claim("username"));
            let user_id = user_id.as_ref().unwrap_or(typed);
            let NewDevice { key, group } = self.device;
            let secret = self.verifier.secret.secret();
            let kept = [user_id, typed, &key, &group, secret];
            cx.known.devices.put(kept, asks);
            session.device = Some(Device { key, asks });
        }
        Next::Authorize(Authorized::User(ExpectUser::SignedIn(self.sign_in)))
    }
}

impl Session {
    pub(crate) fn device_key(&self) -> Option<&Text> {
        self.device.as_ref().map(|device| &device.key)
    }

    /// The person, or the pool, has said that this device is remembered.
    pub(crate) fn device_remembered(&mut self, devices: &mut Devices) {
        if let Some(device) = &mut self.device {
            device.asks = false;
            devices.remembered(&device.key);
        }
    }

    /// The pool has forgotten a device.
    pub(crate) fn device_forgotten(&mut self, key: &str) {
        self.device.take_if(|device| device.key == *key);
    }
}

/// The devices that are kept, one for each user, as JSON: they are looked at when somebody signs in
/// and handed through otherwise.
#[derive(Default)]
pub(crate) struct Devices(Text);

/// What is kept of a device: whose it is by the pool's name and by what was typed (by which it is
/// found before the pool has named the user), and what it is known and proven by.
const KEPT: [&str; 5] = ["userId", "typed", "key", "group", "secret"];

impl Devices {
    /// Keeps one, in place of what was kept for the same user.
    fn put(&mut self, kept: [&str; 5], asks: bool) {
        let [user_id, ..] = kept;
        let mut list = self.without("userId", user_id, MOST - 1);
        list.item();
        for (name, value) in KEPT.iter().zip(kept) {
            list.string(name, value);
        }
        if asks {
            list.boolean("asks", true);
        }
        list.close();
        self.0 = list.written().into_text();
    }

    /// The key of a user's device. One that was kept for another user of the same alias is not theirs.
    pub(crate) fn key_of(&self, user_id: Option<&str>, typed: &str) -> Option<Text> {
        let mut key = None;
        for item in fields::objects(&self.0).unwrap_or_default() {
            let is = |name: &str, value: &str| item.string(name).as_deref() == Some(value);
            let is_theirs = match user_id {
                Some(user_id) => is("userId", user_id) || is("userId", typed) && is("typed", typed),
                None => is("userId", typed) || is("typed", typed),
            };
            if is_theirs {
                key = item.string("key");
            }
        }
        key
    }

    fn item(&self, key: &str) -> Option<Fields<'_>> {
        let items = fields::objects(&self.0)?;
        let is = |item: &Fields<'_>| item.string("key").as_deref() == Some(key);
        items.into_iter().find(is)
    }

    /// The group that a device belongs to, and its password.
    pub(crate) fn secret_of(&self, key: &str) -> Option<(Text, Secret)> {
        let item = self.item(key)?;
        let secret = Secret::new(item.string("secret")?);
        Some((item.string("group")?, secret))
    }

    /// Whether the person has not said yet whether it is to be remembered.
    pub(super) fn asks(&self, key: &str) -> bool {
        let asks = |item: Fields<'_>| item.boolean("asks");
        self.item(key).and_then(asks).unwrap_or_default()
    }

    fn remembered(&mut self, key: &str) {
        let Some(item) = self.item(key).filter(|_| self.asks(key)) else {
            return;
        };
        let texts = KEPT.map(|name| item.string(name).unwrap_or_default());
        self.put(texts.each_ref().map(Text::as_str), false);
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.0 = self.without("key", key, MOST).written().into_text();
    }

    /// The list, to be gone on with, but for those with this member; of the others the latest `most`.
    fn without(&self, name: &str, value: &str, most: usize) -> Object {
        let mut list = Object::list();
        let mut items = fields::objects(&self.0).unwrap_or_default();
        items.retain(|item| item.string(name).as_deref() != Some(value));
        let spare = items.len().saturating_sub(most);
        for item in items.into_iter().skip(spare) {
            list.raw_item(item.json());
        }
        list
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.len() <= 2
    }

    pub(crate) fn keep(&self, record: &mut Object) {
        record.raw("devices", &self.0);
    }

    pub(crate) fn restore(record: Fields<'_>) -> Self {
        Self(record.list("devices").unwrap_or_default().into())
    }
}

/// One of `ListDevices`, as the app is told it. What has no key is none.
pub(crate) fn list_device(device: Fields<'_>, current: Option<&Text>, list: &mut Object) {
    let Some(key) = device.string("DeviceKey") else {
        return;
    };
    let mut name = None;
    for attribute in device.objects("DeviceAttributes").unwrap_or_default() {
        if attribute.string("Name").as_deref() == Some("device_name") {
            name = attribute.string("Value");
        }
    }
    list.item()
        .string("key", &key)
        .text("name", name.as_deref())
        .seconds("createdAt", device.number("DeviceCreateDate"))
        .seconds("lastUsedAt", device.number("DeviceLastAuthenticatedDate"))
        .boolean("current", current == Some(&key))
        .close();
}
