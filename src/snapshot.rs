//! What the page can see.

use serde::{Serialize, Serializer};

use crate::{
    error::FlowError,
    event::EventType,
    secret::Text,
    value::{Members, Value},
};

/// Everything there is to show: the step, whether it is being worked on, and what went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What the person has to do next.
    pub step: StepView,
    /// The event that is being worked on.
    pub busy: Option<EventType>,
    /// What the last event, or the time, brought.
    pub error: Option<FlowError>,
}

/// What the person has to do next. All times are in ms since the epoch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StepView {
    /// Sign in or sign up.
    SignedOut {
        /// The name last used, to fill the form with.
        username: Option<Text>,
    },
    /// Give the code that confirms the sign-up.
    ConfirmSignUp {
        /// Who.
        username: Text,
        /// Where the code went; `None` if it is not known or none was sent.
        delivery: Option<Delivery>,
        /// When the code is no longer valid.
        code_expires_at: Option<f64>,
        /// When another may be asked for; `None`: now.
        resend_at: Option<f64>,
    },
    /// Give the code of the second factor.
    MfaCode {
        /// Who.
        username: Text,
        /// What kind of code.
        medium: Medium,
        /// Where it went.
        delivery: Option<Delivery>,
        /// When the sign-in must be done.
        expires_at: Option<f64>,
        /// Whether another code can be asked for.
        can_resend: bool,
    },
    /// Choose a first password.
    NewPassword {
        /// Who.
        username: Text,
        /// Attributes that must come with it.
        missing_attributes: Vec<Text>,
        /// When the sign-in must be done.
        expires_at: Option<f64>,
    },
    /// Give the code that verifies an attribute.
    VerifyAttribute {
        /// Which attribute.
        attribute: Attribute,
        /// Those that come after it.
        remaining: Vec<Attribute>,
        /// Where the code went.
        delivery: Option<Delivery>,
        /// When the code is no longer valid.
        code_expires_at: Option<f64>,
        /// When another may be asked for; `None`: now.
        resend_at: Option<f64>,
        /// Whether it may be put off.
        skippable: bool,
    },
    /// Give the code and a new password.
    ResetPassword {
        /// Who.
        username: Text,
        /// Where the code went.
        delivery: Option<Delivery>,
        /// When the code is no longer valid.
        code_expires_at: Option<f64>,
        /// When another may be asked for; `None`: now.
        resend_at: Option<f64>,
    },
    /// Nothing: the person is signed in.
    SignedIn {
        /// Who.
        username: Text,
        /// The user's attributes, as the pool has them.
        attributes: Vec<(Text, Text)>,
        /// Those of `email` and `phone_number` that are not, or not known to be, verified.
        unverified: Vec<Attribute>,
        /// When the tokens run out.
        tokens_expire_at: f64,
    },
}

/// Where a code went.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// How.
    pub medium: Medium,
    /// Masked, exactly as the pool sent it.
    pub destination: Text,
    /// The attribute that holds the address, where the pool says.
    pub attribute: Option<Text>,
}

/// How a code reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// By SMS.
    Sms,
    /// By email.
    Email,
    /// From an authenticator app.
    Totp,
}

/// An attribute that can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The email address.
    Email,
    /// The phone number.
    PhoneNumber,
}

impl Attribute {
    /// Cognito's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
        }
    }

    /// The attribute of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Email, Self::PhoneNumber]
            .into_iter()
            .find(|a| a.as_str() == name)
    }

    /// The attribute that says whether this one is verified.
    pub(crate) const fn verified_flag(self) -> &'static str {
        match self {
            Self::Email => "email_verified",
            Self::PhoneNumber => "phone_number_verified",
        }
    }
}

impl Medium {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Totp => "totp",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Sms, Self::Email, Self::Totp]
            .into_iter()
            .find(|m| m.as_str() == name)
    }
}

impl Snapshot {
    /// As JS has it: the step's members and these two stand side by side.
    pub(crate) fn value(&self) -> Value<'_> {
        let mut members = self.step.members();
        members.push(("busy", self.busy.map(EventType::as_str).into()));
        members.push(("error", self.error.as_ref().map(FlowError::value).into()));
        Value::Object(members)
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl StepView {
    fn members(&self) -> Members<'_> {
        match self {
            Self::SignedOut { username } => vec![
                ("step", "signedOut".into()),
                ("username", username.as_ref().into()),
            ],
            Self::ConfirmSignUp {
                username,
                delivery,
                code_expires_at,
                resend_at,
            } => vec![
                ("step", "confirmSignUp".into()),
                ("username", username.into()),
                ("delivery", delivery.as_ref().into()),
                ("codeExpiresAt", (*code_expires_at).into()),
                ("resendAt", (*resend_at).into()),
            ],
            Self::MfaCode {
                username,
                medium,
                delivery,
                expires_at,
                can_resend,
            } => vec![
                ("step", "mfaCode".into()),
                ("username", username.into()),
                ("medium", medium.as_str().into()),
                ("delivery", delivery.as_ref().into()),
                ("expiresAt", (*expires_at).into()),
                ("canResend", (*can_resend).into()),
            ],
            Self::NewPassword {
                username,
                missing_attributes,
                expires_at,
            } => vec![
                ("step", "newPassword".into()),
                ("username", username.into()),
                (
                    "missingAttributes",
                    Value::texts(missing_attributes.iter().map(Text::as_str)),
                ),
                ("expiresAt", (*expires_at).into()),
            ],
            Self::VerifyAttribute {
                attribute,
                remaining,
                delivery,
                code_expires_at,
                resend_at,
                skippable,
            } => vec![
                ("step", "verifyAttribute".into()),
                ("attribute", attribute.as_str().into()),
                ("remaining", attributes(remaining)),
                ("delivery", delivery.as_ref().into()),
                ("codeExpiresAt", (*code_expires_at).into()),
                ("resendAt", (*resend_at).into()),
                ("skippable", (*skippable).into()),
            ],
            Self::ResetPassword {
                username,
                delivery,
                code_expires_at,
                resend_at,
            } => vec![
                ("step", "resetPassword".into()),
                ("username", username.into()),
                ("delivery", delivery.as_ref().into()),
                ("codeExpiresAt", (*code_expires_at).into()),
                ("resendAt", (*resend_at).into()),
            ],
            Self::SignedIn {
                username,
                attributes: all,
                unverified,
                tokens_expire_at,
            } => vec![
                ("step", "signedIn".into()),
                ("username", username.into()),
                ("attributes", Value::map(all)),
                ("unverified", attributes(unverified)),
                ("tokensExpireAt", (*tokens_expire_at).into()),
            ],
        }
    }
}

impl<'a> From<&'a Delivery> for Value<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        Self::Object(vec![
            ("medium", delivery.medium.as_str().into()),
            ("destination", (&delivery.destination).into()),
            ("attribute", delivery.attribute.as_ref().into()),
        ])
    }
}

fn attributes(attributes: &[Attribute]) -> Value<'_> {
    Value::texts(attributes.iter().map(|attribute| attribute.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use serde_json::json;

    fn shown(step: StepView) -> serde_json::Value {
        let snapshot = Snapshot {
            step,
            busy: None,
            error: None,
        };
        let mut json = serde_json::to_value(snapshot).unwrap();
        let members = json.as_object_mut().unwrap();
        assert_eq!(members.remove("busy"), Some(json!(null)));
        assert_eq!(members.remove("error"), Some(json!(null)));
        json
    }

    #[test]
    fn each_step_has_the_members_that_are_promised() {
        let delivery = Some(Delivery {
            medium: Medium::Sms,
            destination: "+***1234".into(),
            attribute: Some("phone_number".into()),
        });
        let delivered =
            json!({"medium": "sms", "destination": "+***1234", "attribute": "phone_number"});
        let username = || "jo".to_owned();
        for (step, json) in [
            (
                StepView::SignedOut { username: None },
                json!({"step": "signedOut", "username": null}),
            ),
            (
                StepView::ConfirmSignUp {
                    username: username(),
                    delivery: None,
                    code_expires_at: Some(5.0),
                    resend_at: None,
                },
                json!({"step": "confirmSignUp", "username": "jo", "delivery": null,
                    "codeExpiresAt": 5.0, "resendAt": null}),
            ),
            (
                StepView::MfaCode {
                    username: username(),
                    medium: Medium::Totp,
                    delivery: delivery.clone(),
                    expires_at: None,
                    can_resend: true,
                },
                json!({"step": "mfaCode", "username": "jo", "medium": "totp",
                    "delivery": delivered, "expiresAt": null, "canResend": true}),
            ),
            (
                StepView::NewPassword {
                    username: username(),
                    missing_attributes: vec!["name".into()],
                    expires_at: Some(7.0),
                },
                json!({"step": "newPassword", "username": "jo", "missingAttributes": ["name"],
                    "expiresAt": 7.0}),
            ),
            (
                StepView::VerifyAttribute {
                    attribute: Attribute::PhoneNumber,
                    remaining: vec![Attribute::Email],
                    delivery: delivery.clone(),
                    code_expires_at: None,
                    resend_at: Some(8.0),
                    skippable: false,
                },
                json!({"step": "verifyAttribute", "attribute": "phone_number",
                    "remaining": ["email"], "delivery": delivered, "codeExpiresAt": null,
                    "resendAt": 8.0, "skippable": false}),
            ),
            (
                StepView::ResetPassword {
                    username: username(),
                    delivery,
                    code_expires_at: None,
                    resend_at: None,
                },
                json!({"step": "resetPassword", "username": "jo", "delivery": delivered,
                    "codeExpiresAt": null, "resendAt": null}),
            ),
            (
                StepView::SignedIn {
                    username: username(),
                    attributes: vec![("sub".into(), "1".into()), ("email".into(), "e".into())],
                    unverified: vec![Attribute::Email],
                    tokens_expire_at: 9.5,
                },
                json!({"step": "signedIn", "username": "jo",
                    "attributes": {"sub": "1", "email": "e"}, "unverified": ["email"],
                    "tokensExpireAt": 9.5}),
            ),
        ] {
            assert_eq!(shown(step), json);
        }
    }

    #[test]
    fn what_is_worked_on_and_what_went_wrong_stand_beside_the_step() {
        let snapshot = Snapshot {
            step: StepView::SignedOut { username: None },
            busy: Some(EventType::SignIn),
            error: Some(FlowError::from(Code::Throttled).retry_at(Some(3.0))),
        };
        let message = FlowError::from(Code::Throttled).message;
        assert_eq!(
            serde_json::to_value(snapshot).unwrap(),
            json!({"step": "signedOut", "username": null, "busy": "signIn",
                "error": {"code": "throttled", "message": message, "retryAt": 3.0}})
        );
    }
}
