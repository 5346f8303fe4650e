//! AdminUpdateUserAttributes and AdminDeleteUserAttributes: the only way to change the phone of a
//! person who lost it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::call::{Call, Input};
use crate::error::{Outcome, nothing};
use crate::state::verified_flag;

pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let given = input.attributes("UserAttributes");
    // Said beside the value that they speak of, or of the value that is there.
    let flags = ["email", "phone_number"].map(|name| (name, verified_flag(name)));
    let is_flag = |name: &String| flags.iter().any(|(_, flag)| flag == name);
    let (said, attributes): (BTreeMap<_, _>, BTreeMap<_, _>) =
        given.into_iter().partition(|(name, _)| is_flag(name));
    let (said, faults) = who.app.settings.read_attributes(said);
    call.change_attributes_with(&who, attributes, false, faults)?;
    for (attribute, flag) in &flags {
        let Some(verified) = said.get(flag) else {
            continue;
        };
        if verified.is_empty() {
            call.user_mut(&who)?.attributes.remove(flag);
        } else {
            call.user_mut(&who)?
                .set_verified(attribute, verified == "true");
        }
        let aliases = &who.app.settings.alias_attributes;
        let is_alias = aliases.iter().any(|name| name == attribute);
        if let Some(value) = call.attribute(&who, attribute)? {
            if verified == "true" {
                // The alias moves, and its former owner's becomes unverified: boto/boto3#3213 and,
                // from an engineer of the service, aws-amplify/aws-sdk-ios#515.
                call.claim_alias(&who, attribute, &value, is_alias)?;
            } else if is_alias {
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
