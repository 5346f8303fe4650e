//! What the pool lists page by page: where else a user is signed in, and on which devices.

use crate::{
    error::Code,
    fields::Fields,
    json::Object,
    secret::{Secret, Text},
    text,
};

/// A page has 125 sessions, or 60 devices, at most. No user has so many pages of them.
const MOST_PAGES: u32 = 40;

/// What the pool has listed so far.
pub(crate) struct Listed {
    list: Object,
    pages: u32,
    /// What the next page is asked for with; empty where there is none.
    pub(crate) next: Text,
}

impl Listed {
    /// What was listed before, and a page. `write` adds what it holds; `token` names the member that
    /// leads to the next.
    pub(crate) fn add(
        before: Option<Box<Self>>,
        page: Fields<'_>,
        token: &str,
        write: &dyn Fn(&mut Object),
    ) -> Result<Box<Self>, Code> {
        let mut listed = before.unwrap_or_else(|| {
            Box::new(Self {
                list: Object::list(),
                pages: 0,
                next: Text::default(),
            })
        });
        write(&mut listed.list);
        listed.next = page.string(token).unwrap_or_default();
        listed.pages += 1;
        match listed.next.is_empty() || listed.pages < MOST_PAGES {
            true => Ok(listed),
            false => Err(Code::Server),
        }
    }

    pub(crate) fn shown(self) -> Secret {
        self.list.written()
    }
}

/// A page of `ListUserSessions`, as the app is told it. What has no id or no beginning is no session.
pub(crate) fn sessions(page: Fields<'_>, list: &mut Object) {
    for session in page.objects("Sessions").unwrap_or_default() {
        let (Some(id), Some(created)) = (session.string("SessionId"), session.number("CreateDate"))
        else {
            continue;
        };
        let string = |name| session.string(name);
        list.item()
            .string("id", &id)
            .text("clientId", string("ClientId").as_deref())
            .seconds("createdAt", Some(created))
            .seconds("lastActiveAt", session.number("LastActiveDate"))
            .text("deviceType", string("DeviceType").as_deref())
            .text("ip", string("LastIPAddress").as_deref())
            .text("place", place(session).as_deref())
            .boolean("current", session.boolean("IsCurrentSession") == Some(true))
            .close();
    }
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
