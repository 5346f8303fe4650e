//! The settings of user pools and app clients, in Cognito's own terms: what `CreateUserPool` and
//! `CreateUserPoolClient` take and `Describe…` gives back.

mod attributes;
mod client;
mod mfa;
mod oauth;
mod schema;
mod sessions;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use attributes::{AttributeFaults, is_email, is_phone_number};
pub(crate) use client::ClientSettings;
pub(crate) use mfa::{MfaSettings, WebAuthn};
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) use oauth::is_this_machine;
pub(crate) use oauth::{OAuthSettings, OWN_USERS, host_of};
pub(crate) use schema::SchemaAttribute;
pub(crate) use sessions::SessionSettings;

/// What `CreateUserPool` takes. Members that change nothing here (tags, add-ons, domains) are kept
/// as they came, so that `DescribeUserPool` gives them back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PoolSettings {
    #[serde(alias = "PoolName")]
    pub(crate) name: String,
    pub(crate) policies: Policies,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deletion_protection: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) auto_verified_attributes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) alias_attributes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) username_attributes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sms_verification_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_verification_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_verification_subject: Option<String>,
    pub(crate) verification_message_template: VerificationMessageTemplate,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sms_authentication_message: Option<String>,
    pub(crate) mfa_configuration: MfaMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_attribute_update_settings: Option<UserAttributeUpdateSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_configuration: Option<DeviceConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_configuration: Option<EmailConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sms_configuration: Option<SmsConfiguration>,
    pub(crate) admin_create_user_config: AdminCreateUserConfig,
    #[serde(rename = "SchemaAttributes", alias = "Schema")]
    pub(crate) schema: Vec<SchemaAttribute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) username_configuration: Option<UsernameConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_recovery_setting: Option<AccountRecoverySetting>,
    /// What changes nothing here and is given back by operations of its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) kept: BTreeMap<String, Value>,
    #[serde(flatten)]
    pub(crate) other: Map<String, Value>,
}

impl PoolSettings {
    /// Whether `Alice` and `alice` are two users. A pool made by the API tells them apart unless
    /// `UsernameConfiguration` says otherwise; user names made of an email never do.
    pub(crate) fn case_sensitive(&self) -> bool {
        self.username_configuration
            .as_ref()
            .is_none_or(|configuration| configuration.case_sensitive)
    }

    /// What a user name is stored and compared as.
    pub(crate) fn comparable(&self, name: &str) -> String {
        if self.case_sensitive() {
            name.into()
        } else {
            name.to_lowercase()
        }
    }

    pub(crate) fn auto_verifies(&self, attribute: &str) -> bool {
        self.auto_verified_attributes
            .iter()
            .any(|name| name == attribute)
    }

    /// Whether this attribute can be a user's name at sign-in, in either of the two ways.
    pub(crate) fn is_alias(&self, attribute: &str) -> bool {
        self.alias_attributes
            .iter()
            .chain(&self.username_attributes)
            .any(|name| name == attribute)
    }

    /// Whether a changed value waits for its code before it replaces the old one.
    pub(crate) fn verifies_before_update(&self, attribute: &str) -> bool {
        self.user_attribute_update_settings
            .as_ref()
            .is_some_and(|settings| {
                settings
                    .attributes_require_verification_before_update
                    .iter()
                    .any(|a| a == attribute)
            })
    }

    /// Whether the sign-in policy lets a person begin with that factor. A pool without one knows the
    /// password alone.
    pub(crate) fn allows_first_factor(&self, name: &str) -> bool {
        let policy = self.policies.sign_in_policy.as_ref();
        match policy.map(|policy| policy.allowed_first_auth_factors.as_slice()) {
            None | Some([]) => name == "PASSWORD",
            Some(allowed) => allowed.iter().any(|factor| factor == name),
        }
    }

    /// The texts of verification messages: the template and the three older members set each other,
    /// and the template comes first where both are given.
    pub(crate) fn agree_on_messages(&mut self) {
        let template = &mut self.verification_message_template;
        for (new, old) in [
            (
                &mut template.sms_message,
                &mut self.sms_verification_message,
            ),
            (
                &mut template.email_message,
                &mut self.email_verification_message,
            ),
            (
                &mut template.email_subject,
                &mut self.email_verification_subject,
            ),
        ] {
            match (&new, &old) {
                (None, Some(_)) => new.clone_from(old),
                _ => old.clone_from(new),
            }
        }
    }

    pub(crate) fn protected_from_deletion(&self) -> bool {
        self.deletion_protection.as_deref() == Some("ACTIVE")
    }
}

/// Multi-factor authentication of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum MfaMode {
    #[default]
    Off,
    Optional,
    On,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Policies {
    pub(crate) password_policy: PasswordPolicy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sign_in_policy: Option<SignInPolicy>,
}

/// An omitted policy is the strict one; in a given policy, what is omitted is not required.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PasswordPolicy {
    #[serde(default = "default_minimum_length")]
    pub(crate) minimum_length: usize,
    #[serde(default)]
    pub(crate) require_uppercase: bool,
    #[serde(default)]
    pub(crate) require_lowercase: bool,
    #[serde(default)]
    pub(crate) require_numbers: bool,
    #[serde(default)]
    pub(crate) require_symbols: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password_history_size: Option<usize>,
    #[serde(default = "default_temporary_days")]
    pub(crate) temporary_password_validity_days: u64,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            minimum_length: default_minimum_length(),
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            password_history_size: None,
            temporary_password_validity_days: default_temporary_days(),
        }
    }
}

fn default_minimum_length() -> usize {
    8
}

fn default_temporary_days() -> u64 {
    7
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SignInPolicy {
    pub(crate) allowed_first_auth_factors: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct VerificationMessageTemplate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sms_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_message_by_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_subject_by_link: Option<String>,
    pub(crate) default_email_option: EmailOption,
}

/// How an email address is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum EmailOption {
    #[default]
    ConfirmWithCode,
    ConfirmWithLink,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct UserAttributeUpdateSettings {
    pub(crate) attributes_require_verification_before_update: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct DeviceConfiguration {
    pub(crate) challenge_required_on_new_device: bool,
    pub(crate) device_only_remembered_on_user_prompt: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct EmailConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_sending_account: Option<String>,
    #[serde(flatten)]
    pub(crate) other: Map<String, Value>,
}

impl EmailConfiguration {
    /// Whether email goes out through the customer's own SES account.
    pub(crate) fn through_ses(&self) -> bool {
        self.email_sending_account.as_deref() == Some("DEVELOPER")
    }
}

/// The role through which SMS are sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SmsConfiguration {
    pub(crate) sns_caller_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    #[serde(flatten)]
    pub(crate) other: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AdminCreateUserConfig {
    pub(crate) allow_admin_create_user_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unused_account_validity_days: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invite_message_template: Option<InviteMessageTemplate>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct InviteMessageTemplate {
    #[serde(rename = "SMSMessage", skip_serializing_if = "Option::is_none")]
    pub(crate) sms_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_subject: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UsernameConfiguration {
    pub(crate) case_sensitive: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AccountRecoverySetting {
    pub(crate) recovery_mechanisms: Vec<RecoveryMechanism>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RecoveryMechanism {
    pub(crate) priority: u32,
    pub(crate) name: String,
}
