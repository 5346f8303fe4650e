//! The operations of the API as they are called here, and when each is sent again.

/// One operation of the API, as it is called here.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// It names the app client; the others carry an access token.
    pub(crate) of_client: bool,
    /// It takes what the app hands to the pool's triggers.
    pub(crate) with_metadata: bool,
    /// Its success may come without a body.
    pub(crate) empty: bool,
    pub(crate) retry: Retry,
}

impl Operation {
    /// Whether it is an endpoint of the pool's domain, which speaks OAuth. (The host puts requests and
    /// replies into its form: here they have the API's.)
    pub(crate) fn is_of_domain(&self) -> bool {
        self.name.starts_with('/')
    }

    /// Whether it is a step of signing in (or of refreshing by the same operation).
    pub(super) fn signs_in(&self) -> bool {
        [INITIATE_AUTH.name, RESPOND_TO_AUTH_CHALLENGE.name].contains(&self.name)
    }
}

/// When a request is sent again.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Retry {
    /// A read: on throttling, 5xx and a lost answer.
    Read,
    /// On throttling alone: it sends a message, or uses something up.
    Throttled,
    /// Until the pool has heard of it: it ends a session. It may outlive the page.
    UntilDone,
}

const fn of_client(name: &'static str) -> Operation {
    Operation {
        name,
        of_client: true,
        with_metadata: true,
        empty: false,
        retry: Retry::Throttled,
    }
}

const fn of_user(name: &'static str) -> Operation {
    Operation {
        of_client: false,
        with_metadata: false,
        ..of_client(name)
    }
}

const fn read(operation: Operation) -> Operation {
    Operation {
        retry: Retry::Read,
        ..operation
    }
}

const fn or_empty(operation: Operation) -> Operation {
    Operation {
        empty: true,
        ..operation
    }
}

const fn until_done(operation: Operation) -> Operation {
    Operation {
        retry: Retry::UntilDone,
        ..operation
    }
}

const fn with_metadata(operation: Operation) -> Operation {
    Operation {
        with_metadata: true,
        ..operation
    }
}

pub(crate) static SIGN_UP: Operation = of_client("SignUp");
pub(crate) static CONFIRM_SIGN_UP: Operation = of_client("ConfirmSignUp");
pub(crate) static RESEND_CONFIRMATION_CODE: Operation = of_client("ResendConfirmationCode");
pub(crate) static INITIATE_AUTH: Operation = read(of_client("InitiateAuth"));
/// With a password in it, or where it has a code sent, or uses a session up.
pub(crate) static INITIATE_AUTH_ONCE: Operation = of_client("InitiateAuth");
pub(crate) static RESPOND_TO_AUTH_CHALLENGE: Operation = of_client("RespondToAuthChallenge");
pub(crate) static GET_USER: Operation = read(of_user("GetUser"));
pub(crate) static GET_ATTRIBUTE_CODE: Operation =
    with_metadata(of_user("GetUserAttributeVerificationCode"));
pub(crate) static VERIFY_USER_ATTRIBUTE: Operation = of_user("VerifyUserAttribute");
pub(crate) static FORGOT_PASSWORD: Operation = of_client("ForgotPassword");
pub(crate) static CONFIRM_FORGOT_PASSWORD: Operation = of_client("ConfirmForgotPassword");
/// Where the pool rotates refresh tokens: each is good for one refresh.
pub(crate) static GET_TOKENS: Operation = of_client("GetTokensFromRefreshToken");
/// The tokens of a session that began on another page: for its code, and from then on.
pub(crate) static TOKEN: Operation = of_user("/oauth2/token");
pub(crate) static TOKEN_AGAIN: Operation = read(of_user("/oauth2/token"));
pub(crate) static GLOBAL_SIGN_OUT: Operation = until_done(of_user("GlobalSignOut"));
pub(crate) static REVOKE_TOKEN: Operation = until_done(Operation {
    with_metadata: false,
    ..of_client("RevokeToken")
});
/// Signed in, it can be asked again: another secret takes the place of the first.
pub(crate) static ASSOCIATE_SOFTWARE_TOKEN: Operation = read(of_user("AssociateSoftwareToken"));
/// In a sign-in it uses the session up.
pub(crate) static ASSOCIATE_IN_SIGN_IN: Operation = of_user("AssociateSoftwareToken");
pub(crate) static VERIFY_SOFTWARE_TOKEN: Operation = of_user("VerifySoftwareToken");
pub(crate) static SET_MFA_PREFERENCE: Operation = of_user("SetUserMFAPreference");
pub(crate) static UPDATE_ATTRIBUTES: Operation = with_metadata(of_user("UpdateUserAttributes"));
pub(crate) static DELETE_ATTRIBUTES: Operation = of_user("DeleteUserAttributes");
pub(crate) static CHANGE_PASSWORD: Operation = of_user("ChangePassword");
pub(crate) static DELETE_USER: Operation = or_empty(of_user("DeleteUser"));
pub(crate) static CONFIRM_DEVICE: Operation = of_user("ConfirmDevice");
pub(crate) static UPDATE_DEVICE_STATUS: Operation = of_user("UpdateDeviceStatus");
/// It has no output in the API model, as DeleteUser has none.
pub(crate) static FORGET_DEVICE: Operation = or_empty(of_user("ForgetDevice"));
pub(crate) static GET_AUTH_FACTORS: Operation = read(of_user("GetUserAuthFactors"));
pub(crate) static LIST_SESSIONS: Operation = read(of_user("ListUserSessions"));
pub(crate) static REVOKE_SESSION: Operation = of_user("RevokeUserSession");
pub(crate) static LIST_DEVICES: Operation = read(of_user("ListDevices"));
pub(crate) static START_PASSKEY: Operation = read(of_user("StartWebAuthnRegistration"));
pub(crate) static COMPLETE_PASSKEY: Operation = or_empty(of_user("CompleteWebAuthnRegistration"));
pub(crate) static LIST_PASSKEYS: Operation = read(of_user("ListWebAuthnCredentials"));
pub(crate) static DELETE_PASSKEY: Operation = or_empty(of_user("DeleteWebAuthnCredential"));
