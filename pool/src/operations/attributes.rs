//! Attributes of signed-in users: changed, deleted, verified.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::call::{App, Bearer, Call, Found, Input};
use crate::delivery::Kind;
use crate::error::{Outcome, Refusal, invalid_parameter, not_authorized, nothing};
use crate::state::{Purpose, verified_flag};

pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, mut found, .. } = call.bearer(input)?;
    let attributes = input.attributes("UserAttributes");
    for name in attributes.keys() {
        check_writable(&app, name)?;
    }
    let changed = call.change_attributes(&app, &mut found, attributes, true)?;
    let mut details = Vec::new();
    for (attribute, value) in changed {
        let Some(purpose) = Purpose::of_attribute(&attribute) else {
            continue;
        };
        if app.settings.auto_verifies(&attribute) {
            let carrier = (attribute.as_str(), value.as_str());
            details.push(call.send_new_code(
                &app,
                &mut found,
                purpose,
                Kind::UpdateAttribute,
                carrier,
            )?);
        }
    }
    call.store_modified(&app, &mut found);
    Ok(json!({ "CodeDeliveryDetailsList": details }))
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, mut found, .. } = call.bearer(input)?;
    let names = input.texts("UserAttributeNames");
    for name in &names {
        check_writable(&app, name)?;
    }
    call.delete_attributes(&app, &mut found, &names)?;
    call.store_modified(&app, &mut found);
    Ok(nothing())
}

pub(crate) fn verification_code(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, mut found, .. } = call.bearer(input)?;
    let attribute = input.text("AttributeName").to_owned();
    let Some(purpose) = Purpose::of_attribute(&attribute) else {
        return Err(not_verifiable(&attribute));
    };
    call.count(&mut found.user, "GetUserAttributeVerificationCode", 5)?;
    let pending = found.user.pending.get(&attribute).cloned();
    let value = pending.or_else(|| found.user.attribute(&attribute).map(String::from));
    let Some(value) = value else {
        return Err(invalid_parameter(format!(
            "User does not have an attribute {attribute}."
        )));
    };
    let carrier = (attribute.as_str(), value.as_str());
    let details = call.send_new_code(&app, &mut found, purpose, Kind::VerifyAttribute, carrier)?;
    Ok(json!({ "CodeDeliveryDetails": details }))
}

pub(crate) fn verify(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, mut found, .. } = call.bearer(input)?;
    let attribute = input.text("AttributeName");
    let Some(purpose) = Purpose::of_attribute(attribute) else {
        return Err(not_verifiable(attribute));
    };
    call.count(&mut found.user, "VerifyUserAttribute", 15)?;
    let code = call.use_code(&app, &mut found, purpose, input.text("Code"))?;
    call.verify_attribute(&app, &mut found, &code, false)?;
    call.store_modified(&app, &mut found);
    Ok(nothing())
}

impl Call<'_> {
    /// Gives attributes new values. Gives back what changed of email and phone number: those are
    /// not verified any more, or wait for their code before they take effect.
    pub(crate) fn change_attributes(
        &mut self,
        app: &App,
        found: &mut Found,
        attributes: BTreeMap<String, String>,
        by_user: bool,
    ) -> Result<Vec<(String, String)>, Refusal> {
        let settings = app.settings.clone();
        let mut changed = Vec::new();
        for (name, value) in attributes {
            settings.check_attribute(&name, &value)?;
            let schema = settings
                .schema
                .iter()
                .find(|attribute| attribute.name == name);
            if schema.is_some_and(|attribute| !attribute.is_mutable()) {
                return Err(invalid_parameter(format!(
                    "user.{name}: Attribute cannot be updated.\n"
                )));
            }
            if schema.is_some_and(|attribute| attribute.required) && value.is_empty() {
                return Err(invalid_parameter(format!(
                    "user.{name}: Attribute is required.\n"
                )));
            }
            let contact = Purpose::of_attribute(&name).is_some();
            if found.user.attribute(&name) == Some(value.as_str()) {
                found.user.pending.remove(&name);
                continue;
            }
            if contact && by_user && settings.verifies_before_update(&name) && !value.is_empty() {
                found.user.pending.insert(name.clone(), value.clone());
                changed.push((name, value));
                continue;
            }
            self.rename(app, found, &name, &value)?;
            found.user.attributes.insert(name.clone(), value.clone());
            if contact {
                // A code that went to the old address proves nothing any more.
                found
                    .user
                    .codes
                    .retain(|purpose, code| *purpose == Purpose::SignUp || code.attribute != name);
                found.user.set_verified(&name, false);
                if value.is_empty() {
                    found.user.attributes.remove(&verified_flag(&name));
                } else {
                    changed.push((name, value));
                }
            }
        }
        Ok(changed)
    }

    /// Moves the name by which a user signs in from an attribute's old value to its new one. An
    /// alias waits until the new value is verified; a user name made of the attribute does not.
    fn rename(
        &mut self,
        app: &App,
        found: &Found,
        attribute: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        let at_once = attribute == "preferred_username"
            || app
                .settings
                .username_attributes
                .iter()
                .any(|name| name == attribute);
        if at_once {
            self.claim_alias(app, found, attribute, value, false)?;
        }
        if let Some(old) = found.user.attribute(attribute) {
            let old = old.to_owned();
            self.release_alias(app, &found.key, attribute, &old);
        }
        Ok(())
    }

    pub(crate) fn delete_attributes(
        &mut self,
        app: &App,
        found: &mut Found,
        names: &[String],
    ) -> Result<(), Refusal> {
        for name in names {
            let schema = app
                .settings
                .schema
                .iter()
                .find(|attribute| attribute.name == *name);
            let Some(schema) = schema else {
                return Err(invalid_parameter(format!(
                    "user.{name}: Attribute does not exist in the schema.\n"
                )));
            };
            if schema.required || !schema.is_mutable() {
                return Err(invalid_parameter(format!(
                    "user.{name}: Attribute cannot be deleted.\n"
                )));
            }
            if let Some(old) = found.user.attributes.remove(name) {
                self.release_alias(app, &found.key, name, &old);
            }
            found.user.pending.remove(name);
            if let Some(purpose) = Purpose::of_attribute(name) {
                found.user.attributes.remove(&verified_flag(name));
                found.user.codes.remove(&purpose);
            }
        }
        Ok(())
    }
}

fn check_writable(app: &App, name: &str) -> Result<(), Refusal> {
    if matches!(name, "email_verified" | "phone_number_verified" | "sub")
        || !app.client_settings().may_write(name)
    {
        return Err(not_authorized(
            "A client attempted to write unauthorized attribute",
        ));
    }
    Ok(())
}

fn not_verifiable(attribute: &str) -> Refusal {
    invalid_parameter(format!(
        "Invalid attribute: {attribute} cannot be verified."
    ))
}
