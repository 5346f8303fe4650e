//! Sending: which attribute a message goes to, what it says, and what the caller is told of it.

use serde_json::{Value, json};

use crate::aws::SmsRoleError;
use crate::aws::sms::{Outcome as SmsOutcome, Sms, deliver};
use crate::call::{App, Call, Input, Who};
use crate::error::{Refusal, code_delivery_failure};
use crate::facts;
use crate::messages::{Medium, Message};
use crate::settings::{EmailOption, PoolSettings};
use crate::state::Code;
use crate::wire::percent_encoded;

/// What stands for the code in a text.
const CODE: &str = "{####}";
/// What the place of a link begins with: the words that it is shown as follow.
const LINK: &str = "{##";

/// Why a message is sent: the outbox's `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    SignUp,
    ResendCode,
    Authentication,
    ForgotPassword,
    VerifyAttribute,
    UpdateAttribute,
    AdminCreateUser,
}

impl Kind {
    /// `triggerSource` of CustomMessage.
    fn source(self) -> &'static str {
        match self {
            Self::SignUp => "CustomMessage_SignUp",
            Self::ResendCode => "CustomMessage_ResendCode",
            Self::Authentication => "CustomMessage_Authentication",
            Self::ForgotPassword => "CustomMessage_ForgotPassword",
            Self::VerifyAttribute => "CustomMessage_VerifyUserAttribute",
            Self::UpdateAttribute => "CustomMessage_UpdateUserAttribute",
            Self::AdminCreateUser => "CustomMessage_AdminCreateUser",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SignUp => "signUp",
            Self::ResendCode => "resendCode",
            Self::Authentication => "authentication",
            Self::ForgotPassword => "forgotPassword",
            Self::VerifyAttribute => "verifyAttribute",
            Self::UpdateAttribute => "updateAttribute",
            Self::AdminCreateUser => "adminCreateUser",
        }
    }
}

impl Call<'_> {
    /// Sends a user's code to the attribute that it names.
    pub(crate) fn send_code(&mut self, who: &Who, kind: Kind, code: &Code) -> Result<(), Refusal> {
        let medium = Medium::of(&code.attribute);
        let app = &who.app;
        let settings = app.settings.clone();
        let username = self.user(who)?.username.clone();
        let by_link = medium == Medium::Email
            && matches!(kind, Kind::SignUp | Kind::ResendCode)
            && settings.verification_message_template.default_email_option
                == EmailOption::ConfirmWithLink;
        let mut message = Message {
            to: code.value.clone(),
            medium,
            kind: kind.name().into(),
            text: String::new(),
            code: Some(code.code.clone()),
            link: None,
            at: self.now,
        };
        if by_link {
            let link = format!(
                "{}/confirmUser?client_id={}&user_name={}&confirmation_code={}",
                self.options.endpoint,
                percent_encoded(app.client_id()),
                percent_encoded(&username),
                percent_encoded(&code.code),
            );
            let text = link_template(&settings);
            let text = self.custom_message(who, kind, medium, LINK, text)?;
            message.text = with_link(&text, &link);
            message.link = Some(link);
        } else {
            let text = code_text(app, kind, medium);
            let text = self.custom_message(who, kind, medium, CODE, text)?;
            message.text = text.replace("{####}", &code.code);
        }
        message.text = message.text.replace("{username}", &username);
        self.send(app, message)
    }

    /// Sends the invitation of a user whom an administrator created.
    pub(crate) fn send_invitation(
        &mut self,
        who: &Who,
        attribute: &str,
        password: &str,
    ) -> Result<(), Refusal> {
        let medium = Medium::of(attribute);
        let template = who
            .app
            .settings
            .admin_create_user_config
            .invite_message_template
            .clone();
        let template = template.unwrap_or_default();
        let default = "Your username is {username} and temporary password is {####}.";
        let text = match medium {
            Medium::Sms => template.sms_message.unwrap_or_else(|| default.into()),
            Medium::Email => format!(
                "{}\n{}",
                template
                    .email_subject
                    .unwrap_or_else(|| "Your temporary password".into()),
                template.email_message.unwrap_or_else(|| default.into()),
            ),
        };
        let text = self.custom_message(who, Kind::AdminCreateUser, medium, CODE, text)?;
        let user = self.user(who)?;
        let message = Message {
            to: user.attribute(attribute).unwrap_or_default().into(),
            medium,
            kind: Kind::AdminCreateUser.name().into(),
            text: text
                .replace("{username}", &user.username)
                .replace("{####}", password),
            code: Some(password.into()),
            link: None,
            at: self.now,
        };
        self.send(&who.app, message)
    }

    /// The text as the function CustomMessage has it. Where it leaves the place of the code or link out,
    /// it is the pool's own (the developer guide, "Custom message Lambda trigger").
    fn custom_message(
        &mut self,
        who: &Who,
        kind: Kind,
        medium: Medium,
        place: &str,
        text: String,
    ) -> Result<String, Refusal> {
        let request = json!({
            "codeParameter": CODE,
            "linkParameter": "{##Click Here##}",
            "usernameParameter": (kind == Kind::AdminCreateUser).then_some("{username}"),
            "clientMetadata": self.metadata,
        });
        let answer = self.trigger("CustomMessage", kind.source(), who, request)?;
        let answer = answer.unwrap_or_default();
        let part = |name: &str| answer.optional(name).filter(|part| !part.is_empty());
        let custom = match (medium, text.split_once('\n')) {
            (Medium::Sms, _) => part("smsMessage").map(String::from),
            (Medium::Email, Some((subject, _))) => part("emailMessage").map(|message| {
                let subject = part("emailSubject").unwrap_or(subject);
                format!("{subject}\n{message}")
            }),
            (Medium::Email, None) => None,
        };
        Ok(custom.filter(|it| it.contains(place)).unwrap_or(text))
    }

    fn send(&mut self, app: &App, message: Message) -> Result<(), Refusal> {
        if message.medium == Medium::Email {
            self.state.log.delivered(message, 0);
            return Ok(());
        }
        let Some(configuration) = &app.settings.sms_configuration else {
            return Err(self.role_refusal(SmsRoleError::TrustRelationship));
        };
        let sms = Sms {
            role_arn: &configuration.sns_caller_arn,
            external_id: configuration.external_id.as_deref(),
            pool_arn: &pool_arn(&app.pool_id),
            to: &message.to,
            text: &message.text,
        };
        match deliver(self.state.account.get_mut(), &sms, self.now) {
            Ok(SmsOutcome::Delivered(cost)) => {
                self.state.log.delivered(message, cost.micro_usd());
                Ok(())
            }
            Ok(SmsOutcome::Dropped(reason)) => {
                self.state.log.dropped(&message, reason.message().into());
                let declared = facts::declares(self.operation, "CodeDeliveryFailureException");
                if self.options.strict_sms && declared {
                    // The delivery log must keep the line, and the attempt its count.
                    return Err(code_delivery_failure(format!(
                        "The message could not be delivered: {}.",
                        reason.message()
                    ))
                    .keeping_changes());
                }
                Ok(())
            }
            Err(error) => Err(self.role_refusal(error)),
        }
    }

    /// The error of a role that does not do, in the words of Cognito; an operation for which the API
    /// declares neither of the two answers what it declares.
    pub(crate) fn role_refusal(&self, error: SmsRoleError) -> Refusal {
        let (name, message) = match error {
            SmsRoleError::TrustRelationship => (
                "InvalidSmsRoleTrustRelationshipException",
                "Role does not have a trust relationship allowing Cognito to assume the role",
            ),
            SmsRoleError::AccessPolicy => (
                "InvalidSmsRoleAccessPolicyException",
                "Role does not have permission to publish with SNS",
            ),
        };
        if facts::declares(self.operation, name) {
            Refusal::new(name, message)
        } else {
            crate::error::invalid_parameter(message)
        }
    }
}

/// `CodeDeliveryDetails`.
pub(crate) fn delivery_details(code: &Code) -> Value {
    json!({
        "Destination": masked(&code.attribute, &code.value),
        "DeliveryMedium": Medium::of(&code.attribute).name(),
        "AttributeName": code.attribute,
    })
}

/// What an address or number looks like to somebody who may not see it: `f***@e***`,
/// `+*******0008`.
pub(crate) fn masked(attribute: &str, value: &str) -> String {
    if attribute == "phone_number" {
        let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
        let hidden = digits.len().saturating_sub(4);
        let shown: String = digits.iter().skip(hidden).collect();
        return format!("+{}{shown}", "*".repeat(hidden));
    }
    let (local, domain) = value.split_once('@').unwrap_or((value, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}***@{}***", first(local), first(domain))
}

pub(crate) fn pool_arn(pool_id: &str) -> String {
    let region = pool_id.split_once('_').map_or("", |(region, _)| region);
    format!(
        "arn:aws:cognito-idp:{region}:{}:userpool/{pool_id}",
        crate::state::ACCOUNT_ID
    )
}

fn code_text(app: &App, kind: Kind, medium: Medium) -> String {
    let settings = &app.settings;
    let template = &settings.verification_message_template;
    let or = |text: &Option<String>, default: &str| text.clone().unwrap_or_else(|| default.into());
    match (medium, kind) {
        (Medium::Sms, Kind::Authentication) => or(
            &settings.sms_authentication_message,
            "Your authentication code is {####}. ",
        ),
        (Medium::Email, Kind::Authentication) => {
            let email = app.mfa.email.clone().unwrap_or_default();
            format!(
                "{}\n{}",
                or(&email.subject, "Your authentication code"),
                or(&email.message, "Your authentication code is {####}."),
            )
        }
        (Medium::Sms, _) => {
            let text = template
                .sms_message
                .as_ref()
                .or(settings.sms_verification_message.as_ref());
            or(&text.cloned(), "Your verification code is {####}. ")
        }
        (Medium::Email, _) => {
            let subject = template
                .email_subject
                .as_ref()
                .or(settings.email_verification_subject.as_ref());
            let text = template
                .email_message
                .as_ref()
                .or(settings.email_verification_message.as_ref());
            format!(
                "{}\n{}",
                or(&subject.cloned(), "Your verification code"),
                or(&text.cloned(), "Your verification code is {####}."),
            )
        }
    }
}

fn link_template(settings: &PoolSettings) -> String {
    let template = &settings.verification_message_template;
    let subject = template
        .email_subject_by_link
        .clone()
        .unwrap_or_else(|| "Your verification link".into());
    let text = template.email_message_by_link.clone().unwrap_or_else(|| {
        "Please click the link below to verify your email address. {##Verify Email##}".into()
    });
    format!("{subject}\n{text}")
}

/// The text between `{##` and `##}` becomes the link's; a plain text shows the address beside it.
fn with_link(text: &str, link: &str) -> String {
    let parts = text.split_once(LINK).and_then(|(before, rest)| {
        rest.split_once("##}")
            .map(|(name, after)| (before, name, after))
    });
    match parts {
        Some((before, name, after)) => format!("{before}{name} <{link}>{after}"),
        None => format!("{text} {link}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_those_of_the_real_pool() {
        assert_eq!(masked("email", "fixture@example.com"), "f***@e***");
        assert_eq!(masked("phone_number", "+12065550008"), "+*******0008");
        assert_eq!(masked("phone_number", "+123"), "+123");
        assert_eq!(masked("email", ""), "***@***");
    }
}
