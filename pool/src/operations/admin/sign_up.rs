//! AdminConfirmSignUp.

use serde_json::Value;

use crate::call::Call;
use crate::error::{Outcome, nothing};
use crate::operations::sign_up::check_unconfirmed;
use crate::state::{Purpose, UserStatus};

/// Confirms without a code, and so verifies nothing.
pub(crate) fn confirm(call: &mut Call<'_>, input: &Value) -> Outcome {
    let (app, mut found) = call.administered_user(input)?;
    check_unconfirmed(&found.user)?;
    found.user.status = UserStatus::Confirmed;
    found.user.codes.remove(&Purpose::SignUp);
    call.store_modified(&app, &mut found);
    Ok(nothing())
}
