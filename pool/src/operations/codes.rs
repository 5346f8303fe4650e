//! The life of a code: made, sent, used once or not at all.

use serde_json::Value;

use crate::call::{App, Call, Who};
use crate::delivery::{Kind, delivery_details};
use crate::error::{Refusal, alias_exists, code_mismatch, expired_code};
use crate::messages::Medium;
use crate::randomness::Draw;
use crate::state::{Code, Purpose, User};

pub(crate) const HOUR: u64 = 60 * 60 * 1000;
pub(crate) const DAY: u64 = 24 * HOUR;

/// After so many wrong answers a code is dead, whatever the hourly numbers say.
const TRIES_PER_CODE: u32 = 20;

impl Purpose {
    pub(crate) fn of_attribute(attribute: &str) -> Option<Self> {
        match attribute {
            "email" => Some(Self::VerifyEmail),
            "phone_number" => Some(Self::VerifyPhoneNumber),
            _ => None,
        }
    }

    fn lifetime(self) -> u64 {
        if self == Self::ForgotPassword {
            HOUR
        } else {
            DAY
        }
    }
}

impl Call<'_> {
    /// Makes a code for `purpose`, which ends the one before it, and sends it to `value` of
    /// `attribute`. Gives `CodeDeliveryDetails`.
    pub(crate) fn send_new_code(
        &mut self,
        who: &Who,
        purpose: Purpose,
        kind: Kind,
        (attribute, value): (&str, &str),
    ) -> Result<Value, Refusal> {
        let code = Code {
            code: self.randomness.code(),
            expires: self.now.saturating_add(purpose.lifetime()),
            attribute: attribute.into(),
            value: value.into(),
            tries: 0,
        };
        let details = delivery_details(&code);
        self.user_mut(who)?.more.codes.insert(purpose, code.clone());
        self.send_code(who, kind, &code)?;
        Ok(details)
    }

    /// Uses up the code of `purpose` if `given` is it. A wrong one is counted.
    pub(crate) fn use_code(
        &mut self,
        who: &Who,
        purpose: Purpose,
        given: &str,
    ) -> Result<Code, Refusal> {
        let now = self.now;
        let codes = &mut self.user_mut(who)?.more.codes;
        let kept = codes.get_mut(&purpose);
        let Some(code) = kept.filter(|c| now < c.expires && c.tries < TRIES_PER_CODE) else {
            return Err(no_code().keeping_changes());
        };
        if code.code != given {
            code.tries += 1;
            return Err(
                code_mismatch("Invalid verification code provided, please try again.")
                    .keeping_changes(),
            );
        }
        codes.remove(&purpose).ok_or_else(no_code)
    }

    /// Notes that the person has read what was sent to `value`. From now on the attribute signs in,
    /// where it is an alias; unless it already belongs to another user.
    pub(crate) fn verify_attribute(
        &mut self,
        who: &Who,
        code: &Code,
        force_alias: bool,
    ) -> Result<(), Refusal> {
        let attribute = code.attribute.as_str();
        let user = self.user_mut(who)?;
        if user.more.pending.get(attribute) == Some(&code.value) {
            user.more.pending.remove(attribute);
            let old = user.attributes.insert(attribute, &code.value);
            user.set_verified(attribute, true);
            self.claim_alias(who, attribute, &code.value, force_alias)?;
            if let Some(old) = old {
                self.release_alias(who, attribute, &old)?;
            }
        } else if user.attribute(attribute) == Some(code.value.as_str()) {
            user.set_verified(attribute, true);
            self.claim_alias(who, attribute, &code.value, force_alias)?;
        }
        Ok(())
    }

    /// Lets `value` be a name of this user.
    pub(crate) fn claim_alias(
        &mut self,
        who: &Who,
        attribute: &str,
        value: &str,
        force: bool,
    ) -> Result<(), Refusal> {
        if !who.app.settings.is_alias(attribute) || value.is_empty() {
            return Ok(());
        }
        let pool = self.pool_mut(&who.app.pool_id)?;
        let alias = pool.alias_key(attribute, value);
        match pool.aliases.get(&alias).cloned() {
            Some(owner) if owner == who.key => return Ok(()),
            Some(_) if !force => {
                return Err(alias_exists(account_with(attribute)));
            }
            Some(owner) => {
                if let Some(other) = pool.users.get_mut(&owner) {
                    other.set_verified(attribute, false);
                }
            }
            None => {}
        }
        pool.aliases.insert(alias, who.key.clone());
        Ok(())
    }

    /// Ends `value` being a name of this user.
    pub(crate) fn release_alias(
        &mut self,
        who: &Who,
        attribute: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        let pool = self.pool_mut(&who.app.pool_id)?;
        let alias = pool.alias_key(attribute, value);
        if pool.aliases.get(&alias) == Some(&who.key) {
            pool.aliases.remove(&alias);
        }
        Ok(())
    }
}

/// What is said where an address is another user's name (boto/boto3#3213).
pub(crate) fn account_with(attribute: &str) -> String {
    format!("An account with the given {attribute} already exists.")
}

/// Nothing to compare a code with.
pub(crate) fn no_code() -> Refusal {
    expired_code("Invalid code provided, please request a code again.")
}

/// `CodeDeliveryDetails` for a name that nobody has, where callers may not learn that: always the
/// same for the same name.
pub(crate) fn made_up_delivery(app: &App, name: &str) -> Value {
    let attribute = if app.settings.auto_verifies("phone_number") {
        "phone_number"
    } else {
        "email"
    };
    let value = match Medium::of(attribute) {
        Medium::Sms => {
            let digits: String = name
                .bytes()
                .map(|byte| char::from(b'0' + byte % 10))
                .cycle()
                .take(11)
                .collect();
            format!("+{digits}")
        }
        // Of a name that is an address its own domain is shown: the first that there is.
        Medium::Email => format!("{name}@example.com"),
    };
    delivery_details(&Code {
        code: String::new(),
        expires: 0,
        attribute: attribute.into(),
        value,
        tries: 0,
    })
}

/// The attribute that carries a code at sign-up: the phone before the email.
pub(crate) fn carrier_at_sign_up(app: &App, user: &User) -> Option<(String, String)> {
    ["phone_number", "email"]
        .into_iter()
        .filter(|attribute| app.settings.auto_verifies(attribute))
        .find_map(|name| {
            user.attribute(name)
                .map(|value| (name.to_owned(), value.to_owned()))
        })
}
