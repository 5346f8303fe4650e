//! AdminUpdateUserAttributes and AdminDeleteUserAttributes: the only way to change the phone of a
//! person who lost it.

use serde_json::Value;

use crate::call::{Call, Input};
use crate::error::{Outcome, nothing};
use crate::state::verified_flag;

pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let mut attributes = input.attributes("UserAttributes");
    // Said beside the value that they speak of, or of the value that is there.
    let flags: Vec<(&str, Option<String>)> = ["email", "phone_number"]
        .into_iter()
        .map(|name| (name, attributes.remove(&verified_flag(name))))
        .collect();
    call.change_attributes(&who, attributes, false)?;
    for (attribute, verified) in flags {
        let Some(verified) = verified else { continue };
        who.app
            .settings
            .check_attribute(&verified_flag(attribute), &verified)?;
        let verified = verified == "true";
        call.user_mut(&who)?.set_verified(attribute, verified);
        if let Some(value) = call.attribute(&who, attribute)? {
            if verified {
                call.claim_alias(&who, attribute, &value, false)?;
            } else if who
                .app
                .settings
                .alias_attributes
                .iter()
                .any(|name| name == attribute)
            {
                call.release_alias(&who, attribute, &value)?;
            }
        }
    }
    call.modify(&who)?;
    Ok(nothing())
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    call.delete_attributes(&who, &input.texts("UserAttributeNames"))?;
    Ok(nothing())
}
