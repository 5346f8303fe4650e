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
            let user_id = session.user.user_id.as_ref().unwrap_or(typed);
            let devices = &mut cx.known.devices;
            devices.put(user_id, typed, &self.device, &self.verifier.secret);
            let key = self.device.key;
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
    pub(crate) fn device_remembered(&mut self) {
        if let Some(device) = &mut self.device {
            device.asks = false;
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

impl Devices {
    /// Keeps one, in place of what was kept for the same user.
    fn put(&mut self, user_id: &str, typed: &str, device: &NewDevice, secret: &Secret) {
        let mut list = self.without("userId", user_id);
        list.item()
            .string("userId", user_id)
            // By that they are found before the pool has named them.
            .string("typed", typed)
            .string("key", &device.key)
            .string("group", &device.group)
            .string("secret", secret.secret())
            .close();
        self.0 = list.written().into_text();
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.0 = self.without("key", key).written().into_text();
    }

    /// The list, to be gone on with, but for those with this member.
    fn without(&self, name: &str, value: &str) -> Object {
        let mut list = Object::list();
        let items = fields::objects(&self.0).unwrap_or_default();
        let spare = (items.len() + 1).saturating_sub(MOST);
        for item in items.into_iter().skip(spare) {
            if item.string(name).as_deref() != Some(value) {
                list.raw_item(item.json());
            }
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

/// `ListDevices`, as the app is told it. What has no key is none.
pub(crate) fn devices(reply: Fields<'_>, current: Option<&Text>) -> Secret {
    let mut shown = Object::list();
    for device in reply.objects("Devices").unwrap_or_default() {
        let Some(key) = device.string("DeviceKey") else {
            continue;
        };
        let mut name = None;
        for attribute in device.objects("DeviceAttributes").unwrap_or_default() {
            if attribute.string("Name").as_deref() == Some("device_name") {
                name = attribute.string("Value");
            }
        }
        shown
            .item()
            .string("key", &key)
            .text("name", name.as_deref())
            .seconds("createdAt", device.number("DeviceCreateDate"))
            .seconds("lastUsedAt", device.number("DeviceLastAuthenticatedDate"))
            .boolean("current", current == Some(&key))
            .close();
    }
    shown.written()
}
