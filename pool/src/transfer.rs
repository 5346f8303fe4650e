//! A user pool as JSON, and back: `GET /_pool/export?pool=ID`, `POST /_pool/import`.
//!
//! A user is written as it is kept, with its verifier and never its password; in what is read, every
//! member but `username` may be left out, and `password` may be the password itself, which becomes a
//! verifier. What is under way (codes, sessions, tokens) is not carried over.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::{Call, Who, app_in};
use crate::error::{Refusal, invalid_parameter, no_such_pool};
use crate::randomness::Draw;
use crate::state::{Group, Head, State, User, UserPool, UserStatus};
use crate::table::{Ages, Table};

/// The number of the format, raised when what was written before cannot be read.
const FORMAT: u64 = 1;

/// The pool of that id; `None` where there is none.
pub(crate) fn export(state: &State, id: &str) -> Option<Value> {
    let pool = state.pools.get(id)?;
    let users: Vec<Value> = pool.users.values().map(user).collect();
    let login = &pool.managed_login;
    Some(json!({
        "format": FORMAT,
        "id": pool.id,
        "verifiers_of": pool.id,
        "pool": pool.head(),
        "clients": rows(&pool.clients),
        "groups": rows(&pool.groups),
        "domains": rows(&login.domains),
        "providers": rows(&login.providers),
        "resource_servers": rows(&login.resource_servers),
        "users": users,
    }))
}

fn rows<V: Clone + Ages + serde::Serialize>(table: &Table<V>) -> Vec<Value> {
    table.values().map(|row| json!(row)).collect()
}

fn user(user: &User) -> Value {
    let mut out = json!(user);
    if let Some(members) = out.as_object_mut() {
        for under_way in ["codes", "attempts", "sign_ins"] {
            members.remove(under_way);
        }
        members.retain(|_, value| {
            let empty = value.as_object().is_some_and(Map::is_empty)
                || value.as_array().is_some_and(Vec::is_empty);
            !(value.is_null() || empty)
        });
    }
    out
}

/// What is read: a whole pool, or users for one that is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    #[serde(default = "format")]
    format: u64,
    id: String,
    /// The pool that verifiers were made in: its name is hashed with each password.
    verifiers_of: Option<String>,
    pool: Option<Head>,
    #[serde(default)]
    clients: Vec<crate::state::Client>,
    #[serde(default)]
    groups: Vec<Group>,
    #[serde(default)]
    domains: Vec<crate::managed_login::Domain>,
    #[serde(default)]
    providers: Vec<crate::managed_login::IdentityProvider>,
    #[serde(default)]
    resource_servers: Vec<crate::managed_login::ResourceServer>,
    #[serde(default)]
    users: Vec<Map<String, Value>>,
}

fn format() -> u64 {
    FORMAT
}

/// Makes what `body` describes: all of it or, when it is refused, nothing.
pub(crate) fn import(call: &mut Call<'_>, body: &[u8]) -> Result<Value, Refusal> {
    // The words of serde name members and places, never values of them.
    let import: Import = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        invalid_parameter(
            if error.is_data() && !error.to_string().contains("invalid") {
                error.to_string()
            } else {
                format!("This is not what an export gives (line {line}, column {column}).")
            },
        )
    })?;
    if import.format != FORMAT {
        return Err(invalid_parameter(format!(
            "This is of format {}; this version reads {FORMAT}.",
            import.format
        )));
    }
    let id = import.id;
    let name_of = |id: &str| id.split_once('_').map(|(_, name)| name.to_owned());
    let foreign = import.verifiers_of.filter(|of| name_of(of) != name_of(&id));
    let verified = |user: &Map<String, Value>| user.get("password").is_some_and(Value::is_object);
    if let Some(of) = foreign
        && import.users.iter().any(verified)
    {
        return Err(invalid_parameter(format!(
            "These verifiers are good in {of} alone: the name of the pool is hashed with each password."
        )));
    }
    let others = |is: &dyn Fn(&UserPool) -> bool| call.state.pools.values().any(is);
    for client in &import.clients {
        if others(&|pool| pool.clients.contains_key(&client.id)) {
            return Err(exists("app client", &client.id));
        }
    }
    for domain in &import.domains {
        if others(&|pool| pool.managed_login.domains.contains_key(&domain.name)) {
            return Err(exists("domain", &domain.name));
        }
    }
    if let Some(head) = import.pool {
        make(call, &id, head)?;
    }
    let pool = (call.state.pools.get_mut(&id)).ok_or_else(|| no_such_pool(&id))?;
    for client in import.clients {
        let client = std::sync::Arc::new(client);
        fresh(&mut pool.clients, client.id.clone(), client, "app client")?;
    }
    for group in import.groups {
        fresh(&mut pool.groups, group.name.clone(), group, "group")?;
    }
    let login = &mut pool.managed_login;
    for domain in import.domains {
        fresh(&mut login.domains, domain.name.clone(), domain, "domain")?;
    }
    for provider in import.providers {
        fresh(
            &mut login.providers,
            provider.name.clone(),
            provider,
            "provider",
        )?;
    }
    for server in import.resource_servers {
        let identifier = server.identifier.clone();
        fresh(
            &mut login.resource_servers,
            identifier,
            server,
            "resource server",
        )?;
    }
    let users = import.users.len();
    for (at, members) in import.users.into_iter().enumerate() {
        add(call, &id, members)
            .map_err(|why| invalid_parameter(format!("users[{at}]: {}", why.message)))?;
    }
    Ok(json!({ "id": id, "users": users }))
}

fn make(call: &mut Call<'_>, id: &str, head: Head) -> Result<(), Refusal> {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let named = id.split_once('_').is_some_and(|(region, name)| {
        is_id(name) && is_id(&region.replace('-', "0")) && id.len() <= 55
    });
    if !named {
        return Err(invalid_parameter("id: REGION_NAME is expected."));
    }
    if call.state.pools.contains_key(id) {
        return Err(invalid_parameter(format!(
            "User pool {id} exists. Leave out pool to add to it, or delete it first."
        )));
    }
    // The role that the messages go out with, as the console would make it.
    if let Some(sms) = &head.settings.sms_configuration {
        let (role, external_id) = (&sms.sns_caller_arn, sms.external_id.as_deref());
        let account = call.state.account.get_mut();
        account.add_sms_role(role, external_id, call.now);
    }
    call.state.new_pools.push(id.to_owned());
    let pool = UserPool::new(id.to_owned(), head);
    call.state.pools.insert(id.to_owned(), pool);
    Ok(())
}

fn fresh<V: Clone + Ages>(
    table: &mut Table<V>,
    key: String,
    row: V,
    what: &str,
) -> Result<(), Refusal> {
    if table.contains_key(&key) {
        return Err(exists(what, &key));
    }
    table.insert(key, row);
    Ok(())
}

fn exists(what: &str, key: &str) -> Refusal {
    invalid_parameter(format!("The {what} {key} exists."))
}

fn add(call: &mut Call<'_>, pool_id: &str, members: Map<String, Value>) -> Result<(), Refusal> {
    let app = app_in(call.pool(pool_id)?, None);
    let mut members = members;
    let password = match members.get("password") {
        Some(Value::String(password)) => Some(password.clone()),
        _ => None,
    };
    if password.is_some() {
        members.remove("password");
    }
    let name = members.get("username").and_then(Value::as_str);
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or_default()
        .to_owned();
    if name.is_empty() {
        return Err(invalid_parameter("username is missing."));
    }
    let with_password = password.is_some() || members.contains_key("password");
    let status = if with_password {
        UserStatus::Confirmed
    } else {
        UserStatus::ForceChangePassword
    };
    let sub = call.randomness.uuid();
    let made = User::new(name.clone(), sub.clone(), status, call.now);
    let user = overlaid(&made, members)?;
    let status = user.status;
    check(call.pool(pool_id)?, &user)?;
    let who = Who {
        key: app.settings.comparable(&name),
        app,
    };
    let users = &mut call.pool_mut(pool_id)?.users;
    if users.contains_key(&who.key) {
        return Err(invalid_parameter("A user of that name exists."));
    }
    users.insert(who.key.clone(), user);
    if let Some(password) = password {
        call.set_password(&who, &password)?;
        call.user_mut(&who)?.status = status;
    }
    claim_aliases(call, &who)
}

/// `made` with the members that are given.
fn overlaid(made: &User, members: Map<String, Value>) -> Result<User, Refusal> {
    let mut row = json!(made);
    let Some(all) = row.as_object_mut() else {
        return Err(invalid_parameter("This is no user."));
    };
    for (name, value) in members {
        match all.get_mut(&name) {
            Some(Value::Object(old)) if name == "attributes" => {
                let Value::Object(given) = value else {
                    return Err(invalid_parameter("attributes is an object of texts."));
                };
                old.extend(given);
            }
            Some(old) => *old = value,
            None => return Err(invalid_parameter(format!("There is no member {name}."))),
        }
    }
    serde_json::from_value(row).map_err(|_| invalid_parameter("A member is not of its type."))
}

fn check(pool: &UserPool, user: &User) -> Result<(), Refusal> {
    for name in user.attributes.keys() {
        let known = pool.settings.schema.iter().any(|it| it.name == *name);
        // What an identity provider said is kept beside the schema.
        if !known && name != "sub" && name != "identities" {
            return Err(invalid_parameter(format!("{name} is not in the schema.")));
        }
    }
    match user
        .more
        .groups
        .iter()
        .find(|it| !pool.groups.contains_key(it))
    {
        Some(group) => Err(invalid_parameter(format!("There is no group {group}."))),
        None => Ok(()),
    }
}

/// The names that the user signs in by besides its own: all that are names in place of one, and
/// aliases that are verified.
fn claim_aliases(call: &mut Call<'_>, who: &Who) -> Result<(), Refusal> {
    let settings = who.app.settings.clone();
    for attribute in &settings.username_attributes {
        let value = call.attribute(who, attribute)?.unwrap_or_default();
        call.claim_alias(who, attribute, &value, false)?;
    }
    for attribute in &settings.alias_attributes {
        let counts = attribute == "preferred_username" || call.user(who)?.is_verified(attribute);
        if let Some(value) = call.attribute(who, attribute)?.filter(|_| counts) {
            call.claim_alias(who, attribute, &value, false)?;
        }
    }
    Ok(())
}
