//! A device that the pool tracks: confirmed once, named at each refresh, and kept per user beside
//! the session, so that it outlives signing out.
//!
//! Source: developer guide, *Working with user devices in your user pool*.

use crate::{
    error::Code,
    fields::{Fields, Reader},
    flow::{
        authorized::Authorized,
        calls::Answer,
        next::{Cx, Next},
        session::{Session, user::ExpectUser},
        sign_in::SignIn,
    },
    json::Object,
    protocol,
    secret::{Secret, Text},
    srp,
    time::Moment,
    value::{Members, Value},
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
            let NewDevice { key, group } = self.device;
            let user_id = session.user.user_id.clone();
            cx.known.devices.put(Kept {
                user_id: user_id.unwrap_or_else(|| self.sign_in.username.clone()),
                typed: self.sign_in.username.clone(),
                key: key.clone(),
                group,
                secret: self.verifier.secret,
            });
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

/// The devices that are kept, one for each user.
#[derive(Default)]
pub(crate) struct Devices(Vec<Kept>);

struct Kept {
    user_id: Text,
    /// What this user typed to sign in: by that they are found before the pool has named them.
    typed: Text,
    key: Text,
    group: Text,
    secret: Secret,
}

impl Devices {
    fn put(&mut self, kept: Kept) {
        self.0.retain(|own| own.user_id != kept.user_id);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(kept);
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.0.retain(|own| own.key != *key);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn keep(&self, record: &mut Object) {
        record.list("devices", self.0.len(), |at, record| {
            if let Some(kept) = self.0.get(at) {
                record
                    .string("userId", &kept.user_id)
                    .string("typed", &kept.typed)
                    .string("key", &kept.key)
                    .string("group", &kept.group)
                    .string("secret", kept.secret.secret());
            }
        });
    }

    pub(crate) fn restore(record: Fields<'_>) -> Self {
        let mut devices = Self::default();
        for item in record.objects("devices").unwrap_or_default() {
            let mut reader = Reader::new(item);
            let kept = Kept {
                user_id: reader.text("userId"),
                typed: reader.text("typed"),
                key: reader.text("key"),
                group: reader.text("group"),
                secret: reader.token("secret"),
            };
            if let Some(kept) = reader.complete(kept) {
                devices.put(kept);
            }
        }
        devices
    }
}

/// `ListDevices`, as the app is told it. What has no key is none.
pub(crate) fn devices(reply: Fields<'_>, current: Option<&Text>) -> Value {
    let mut list = Vec::new();
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
        let time = |name| match protocol::seconds(device, name) {
            Some(ms) => Value::Number(ms),
            None => Value::Null,
        };
        list.push(
            Members::default()
                .text("key", Some(&key))
                .text("name", name.as_ref())
                .add("createdAt", time("DeviceCreateDate"))
                .add("lastUsedAt", time("DeviceLastAuthenticatedDate"))
                .flag("current", current == Some(&key))
                .end(),
        );
    }
    Value::List(list)
}
