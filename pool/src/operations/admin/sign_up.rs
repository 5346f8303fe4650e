//! AdminConfirmSignUp.

use serde_json::Value;

use crate::call::Call;
use crate::error::{Outcome, nothing};
use crate::operations::sign_up::check_unconfirmed;
use crate::state::{Purpose, UserStatus};

/// Confirms without a code, and so verifies nothing.
pub(crate) fn confirm(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    check_unconfirmed(call.user(&who)?)?;
    let user = call.modify(&who)?;
    user.status = UserStatus::Confirmed;
    user.more.codes.remove(&Purpose::SignUp);
    call.tell_confirmed(&who, "ConfirmSignUp")?;
    Ok(nothing())
}
