//! What the pool lists page by page: where else a user is signed in, on which devices, and the passkeys.

use crate::{
    error::Code,
    fields::Fields,
    json::Object,
    protocol,
    secret::{Secret, Text},
    text,
};

/// No user has so many. (A page has 125 sessions, 60 devices or 20 passkeys at most.)
const MOST_PAGES: u32 = 64;

/// What the pool has listed so far.
pub(crate) struct Listed {
    list: Object,
    pages: u32,
    /// What the next page is asked for with, where there is one.
    pub(crate) next: Option<Secret>,
}

impl Listed {
    /// What was listed before, and a page. `write` adds what it holds; `token` names the member that
    /// leads to the next.
    pub(crate) fn add(
        before: Option<Box<Self>>,
        page: Fields<'_>,
        token: &str,
        write: &mut dyn FnMut(&mut Object),
    ) -> Result<Box<Self>, Code> {
        let mut listed = before.unwrap_or_else(|| {
            Box::new(Self {
                list: Object::list(),
                pages: 0,
                next: None,
            })
        });
        write(&mut listed.list);
        listed.next = protocol::secret(page, token);
        listed.pages += 1;
        match listed.next.is_none() || listed.pages < MOST_PAGES {
            true => Ok(listed),
            false => Err(Code::Server),
        }
    }

    pub(crate) fn shown(self) -> Secret {
        self.list.written()
    }
}

/// One of `ListUserSessions`, as the app is told it. What has no id or no beginning is no session.
pub(crate) fn list_session(session: Fields<'_>, list: &mut Object) {
    let created = session.number("CreateDate");
    let (Some(id), Some(_)) = (session.string("SessionId"), created) else {
        return;
    };
    let string = |name| session.string(name);
    list.item()
        .string("id", &id)
        .text("clientId", string("ClientId").as_deref())
        .seconds("createdAt", created)
        .seconds("lastActiveAt", session.number("LastActiveDate"))
        .text("deviceType", string("DeviceType").as_deref())
        .text("ip", string("LastIPAddress").as_deref())
        .text("place", place(session).as_deref())
        .boolean("current", session.boolean("IsCurrentSession") == Some(true))
        .close();
}

/// City and country, as far as the pool knows them.
fn place(session: Fields<'_>) -> Option<Text> {
    let location = session.object("LastLocation")?;
    let part = |name| location.string(name).filter(|part| !part.is_empty());
    match (part("City"), part("Country")) {
        (Some(city), Some(country)) => Some(text::concat(&[&city, ", ", &country]).into()),
        (city, country) => city.or(country),
    }
}
