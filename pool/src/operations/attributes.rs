//! Attributes of signed-in users: changed, deleted, verified.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::call::{App, Bearer, Call, Input, Who};
use crate::delivery::Kind;
use crate::error::{Outcome, Refusal, invalid_parameter, not_authorized, nothing};
use crate::settings::AttributeFaults;
use crate::state::{Purpose, verified_flag};

pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let attributes = input.attributes("UserAttributes");
    for name in attributes.keys() {
        check_writable(&who.app, name)?;
    }
    let changed = call.change_attributes(&who, attributes, true)?;
    let mut details = Vec::new();
    for (attribute, value) in changed {
        let Some(purpose) = Purpose::of_attribute(&attribute) else {
            continue;
        };
        if who.app.settings.auto_verifies(&attribute) {
            let carrier = (attribute.as_str(), value.as_str());
            details.push(call.send_new_code(&who, purpose, Kind::UpdateAttribute, carrier)?);
        }
    }
    call.modify(&who)?;
    Ok(json!({ "CodeDeliveryDetailsList": details }))
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let names = input.texts("UserAttributeNames");
    for name in &names {
        check_writable(&who.app, name)?;
    }
    call.delete_attributes(&who, &names)?;
    Ok(nothing())
}

pub(crate) fn verification_code(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let attribute = input.text("AttributeName").to_owned();
    let Some(purpose) = Purpose::of_attribute(&attribute) else {
        return Err(not_verifiable(&attribute));
    };
    call.count(&who, "GetUserAttributeVerificationCode", 5)?;
    let pending = call.user(&who)?.more.pending.get(&attribute).cloned();
    let value = match pending {
        Some(value) => Some(value),
        None => call.attribute(&who, &attribute)?,
    };
    let Some(value) = value else {
        return Err(invalid_parameter(format!(
            "User does not have an attribute {attribute}."
        )));
    };
    let carrier = (attribute.as_str(), value.as_str());
    let details = call.send_new_code(&who, purpose, Kind::VerifyAttribute, carrier)?;
    Ok(json!({ "CodeDeliveryDetails": details }))
}

pub(crate) fn verify(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let attribute = input.text("AttributeName");
    let Some(purpose) = Purpose::of_attribute(attribute) else {
        return Err(not_verifiable(attribute));
    };
    call.count(&who, "VerifyUserAttribute", 15)?;
    let code = call.use_code(&who, purpose, input.text("Code"))?;
    call.verify_attribute(&who, &code, false)?;
    call.modify(&who)?;
    Ok(nothing())
}

impl Call<'_> {
    /// Gives attributes new values. Gives back what changed of email and phone number: those are
    /// not verified any more, or wait for their code before they take effect.
    pub(crate) fn change_attributes(
        &mut self,
        who: &Who,
        attributes: BTreeMap<String, String>,
        by_user: bool,
    ) -> Result<Vec<(String, String)>, Refusal> {
        self.change_attributes_with(who, attributes, by_user, AttributeFaults::default())
    }

    /// The same, for a request in which something else is wrong already.
    pub(crate) fn change_attributes_with(
        &mut self,
        who: &Who,
        attributes: BTreeMap<String, String>,
        by_user: bool,
        mut faults: AttributeFaults,
    ) -> Result<Vec<(String, String)>, Refusal> {
        let settings = &who.app.settings;
        let (attributes, found) = settings.read_attributes(attributes);
        faults.append(found);
        for (name, value) in &attributes {
            let Some(schema) = settings.schema_of(name) else {
                continue;
            };
            if !schema.is_mutable() {
                faults.add(name, "Attribute cannot be updated.");
            } else if schema.required && value.is_empty() {
                faults.add(name, "Attribute is required.");
            }
        }
        faults.at_update()?;
        let mut changed = Vec::new();
        for (name, value) in attributes {
            let contact = Purpose::of_attribute(&name).is_some();
            let user = self.user_mut(who)?;
            if user.attribute(&name) == Some(value.as_str()) {
                user.more.pending.remove(&name);
                continue;
            }
            if contact && by_user && settings.verifies_before_update(&name) && !value.is_empty() {
                user.more.pending.insert(name.clone(), value.clone());
                changed.push((name, value));
                continue;
            }
            self.rename(who, &name, &value)?;
            let user = self.user_mut(who)?;
            user.give(&BTreeMap::from([(name.clone(), value.clone())]));
            if contact {
                // A code that went to the old address proves nothing any more.
                user.more
                    .codes
                    .retain(|purpose, code| *purpose == Purpose::SignUp || code.attribute != name);
                user.set_verified(&name, false);
                if value.is_empty() {
                    user.attributes.remove(&verified_flag(&name));
                } else {
                    changed.push((name, value));
                }
            }
        }
        Ok(changed)
    }

    /// Moves the name by which a user signs in from an attribute's old value to its new one. An
    /// alias waits until the new value is verified; a user name made of the attribute does not.
    fn rename(&mut self, who: &Who, attribute: &str, value: &str) -> Result<(), Refusal> {
        let at_once = attribute == "preferred_username"
            || who
                .app
                .settings
                .username_attributes
                .iter()
                .any(|name| name == attribute);
        if at_once {
            self.claim_alias(who, attribute, value, false)?;
        }
        match self.attribute(who, attribute)? {
            Some(old) => self.release_alias(who, attribute, &old),
            None => Ok(()),
        }
    }

    pub(crate) fn delete_attributes(&mut self, who: &Who, names: &[String]) -> Result<(), Refusal> {
        let mut faults = AttributeFaults::default();
        for name in names {
            match who.app.settings.schema_of(name) {
                None => faults.add(name, "Attribute does not exist in the schema."),
                Some(schema) if schema.required || !schema.is_mutable() => {
                    faults.add(name, "Attribute cannot be deleted.");
                }
                Some(_) => {}
            }
        }
        faults.at_update()?;
        for name in names {
            let user = self.user_mut(who)?;
            let old = user.attributes.remove(name);
            user.more.pending.remove(name);
            if let Some(purpose) = Purpose::of_attribute(name) {
                user.attributes.remove(&verified_flag(name));
                user.more.codes.remove(&purpose);
            }
            if let Some(old) = old {
                self.release_alias(who, name, &old)?;
            }
        }
        self.modify(who)?;
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
