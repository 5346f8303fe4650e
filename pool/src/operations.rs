//! From an operation's name to what does it: one module per family of operations.

mod admin;
mod attributes;
mod challenges;
mod claims;
mod codes;
mod devices;
mod groups;
mod issue;
mod mfa;
mod migration;
mod passkeys;
mod password;
mod refresh;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
mod tokens;
mod users;

use serde_json::Value;

use crate::call::Call;
use crate::error::{Outcome, internal_error};
use crate::facts;

pub(crate) use claims::Occasion;
pub(crate) use codes::HOUR;
pub(crate) use issue::{Asked, shows};

type Handler = fn(&mut Call<'_>, &Value) -> Outcome;

/// Every operation that this pool has, by name.
const OPERATIONS: &[(&str, Handler)] = &[
    (
        "AddCustomAttributes",
        settings::pools::add_custom_attributes,
    ),
    ("AdminAddUserToGroup", groups::add_user),
    ("AdminConfirmSignUp", admin::sign_up::confirm),
    ("AdminCreateUser", admin::create::create_user),
    ("AdminDeleteSoftwareToken", mfa::admin_delete_software_token),
    ("AdminDeleteUser", admin::users::delete),
    ("AdminDeleteUserAttributes", admin::attributes::delete),
    ("AdminDisableUser", admin::users::disable),
    ("AdminEnableUser", admin::users::enable),
    ("AdminForgetDevice", devices::admin_forget),
    ("AdminGetDevice", devices::admin_device),
    ("AdminGetUser", admin::users::user),
    ("AdminGetUserAuthFactors", mfa::admin_auth_factors),
    ("AdminInitiateAuth", sign_in::admin_initiate_auth),
    ("AdminListDevices", devices::admin_list),
    ("AdminListGroupsForUser", groups::of_user),
    ("AdminListUserSessions", tokens::admin_list_sessions),
    ("AdminRemoveUserFromGroup", groups::remove_user),
    ("AdminResetUserPassword", admin::password::reset),
    (
        "AdminRespondToAuthChallenge",
        sign_in::admin_respond_to_auth_challenge,
    ),
    ("AdminRevokeUserSession", tokens::admin_revoke_session),
    ("AdminSetUserMFAPreference", mfa::admin_set_preference),
    ("AdminSetUserPassword", admin::password::set),
    ("AdminSetUserSettings", mfa::admin_set_settings),
    ("AdminUpdateDeviceStatus", devices::admin_update_status),
    ("AdminUpdateUserAttributes", admin::attributes::update),
    ("AdminUserGlobalSignOut", tokens::admin_global_sign_out),
    ("AssociateSoftwareToken", mfa::associate_software_token),
    ("ChangePassword", password::change),
    ("CompleteWebAuthnRegistration", passkeys::complete),
    ("ConfirmDevice", devices::confirm),
    ("ConfirmForgotPassword", password::confirm_forgot),
    ("ConfirmSignUp", sign_up::confirm_sign_up),
    ("CreateGroup", groups::create),
    ("CreateIdentityProvider", settings::providers::create),
    ("CreateResourceServer", settings::resource_servers::create),
    ("CreateUserPool", settings::pools::create),
    ("CreateUserPoolClient", settings::clients::create),
    ("CreateUserPoolDomain", settings::domains::create),
    ("DeleteGroup", groups::delete),
    ("DeleteIdentityProvider", settings::providers::delete),
    ("DeleteResourceServer", settings::resource_servers::delete),
    ("DeleteUser", users::delete),
    ("DeleteUserAttributes", attributes::delete),
    ("DeleteUserPool", settings::pools::delete),
    ("DeleteUserPoolClient", settings::clients::delete),
    ("DeleteUserPoolDomain", settings::domains::delete),
    ("DeleteWebAuthnCredential", passkeys::delete),
    ("DescribeIdentityProvider", settings::providers::describe),
    (
        "DescribeResourceServer",
        settings::resource_servers::describe,
    ),
    ("DescribeRiskConfiguration", settings::kept::risk),
    ("DescribeUserPool", settings::pools::describe),
    ("DescribeUserPoolClient", settings::clients::describe),
    ("DescribeUserPoolDomain", settings::domains::describe),
    ("ForgetDevice", devices::forget),
    ("ForgotPassword", password::forgot),
    ("GetDevice", devices::device),
    ("GetGroup", groups::group),
    (
        "GetIdentityProviderByIdentifier",
        settings::providers::by_identifier,
    ),
    ("GetLogDeliveryConfiguration", settings::kept::log_delivery),
    ("GetTokensFromRefreshToken", tokens::from_refresh_token),
    ("GetUICustomization", settings::kept::ui_customization),
    ("GetUser", users::user),
    (
        "GetUserAttributeVerificationCode",
        attributes::verification_code,
    ),
    ("GetUserAuthFactors", mfa::auth_factors),
    ("GetUserPoolMfaConfig", settings::mfa::config),
    (
        "GetUserPoolSessionConfiguration",
        settings::sessions::config,
    ),
    ("GlobalSignOut", tokens::global_sign_out),
    ("InitiateAuth", sign_in::initiate_auth),
    ("ListDevices", devices::list),
    ("ListGroups", groups::list),
    ("ListIdentityProviders", settings::providers::list),
    ("ListResourceServers", settings::resource_servers::list),
    ("ListTagsForResource", settings::tags::list),
    ("ListUserPoolClients", settings::clients::list),
    ("ListUserPools", settings::pools::list),
    ("ListUserSessions", tokens::list_sessions),
    ("ListUsers", admin::list::list_users),
    ("ListUsersInGroup", groups::users),
    ("ListWebAuthnCredentials", passkeys::list),
    ("ResendConfirmationCode", sign_up::resend_confirmation_code),
    ("RespondToAuthChallenge", sign_in::respond_to_auth_challenge),
    ("RevokeToken", tokens::revoke),
    ("RevokeUserSession", tokens::revoke_session),
    (
        "SetLogDeliveryConfiguration",
        settings::kept::set_log_delivery,
    ),
    ("SetRiskConfiguration", settings::kept::set_risk),
    ("SetUICustomization", settings::kept::set_ui_customization),
    ("SetUserMFAPreference", mfa::set_preference),
    ("SetUserPoolMfaConfig", settings::mfa::set_config),
    (
        "SetUserPoolSessionConfiguration",
        settings::sessions::set_config,
    ),
    ("SetUserSettings", mfa::set_settings),
    ("SignUp", sign_up::sign_up),
    ("StartWebAuthnRegistration", passkeys::start),
    ("TagResource", settings::tags::tag),
    ("UntagResource", settings::tags::untag),
    ("UpdateDeviceStatus", devices::update_status),
    ("UpdateGroup", groups::update),
    ("UpdateIdentityProvider", settings::providers::update),
    ("UpdateResourceServer", settings::resource_servers::update),
    ("UpdateUserAttributes", attributes::update),
    ("UpdateUserPool", settings::pools::update),
    ("UpdateUserPoolClient", settings::clients::update),
    ("UpdateUserPoolDomain", settings::domains::update),
    ("VerifySoftwareToken", mfa::verify_software_token),
    ("VerifyUserAttribute", attributes::verify),
];

pub(crate) fn find(name: &str) -> Option<(&'static str, Handler)> {
    let at = OPERATIONS
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()?;
    OPERATIONS.get(at).copied()
}

/// The names of the operations that this pool has.
pub fn built_operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|(name, _)| *name)
}

/// Calls an operation as a request would, but from within another one.
pub(crate) fn run(call: &mut Call<'_>, name: &'static str, input: &Value) -> Outcome {
    let (_, handler) = find(name).ok_or_else(|| internal_error("There is no such operation."))?;
    facts::check(name, input)?;
    handler(call, input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_has_only_operations_of_the_api() {
        assert!(OPERATIONS.is_sorted_by_key(|(name, _)| *name));
        assert!(built_operations().all(crate::facts::has_operation));
    }
}
