//! `/oauth2/revoke`: a refresh token, and what came of it, ends.

use super::Answer;
use super::token::{client, form_of, invalid_request};
use crate::call::Call;
use crate::error::Refusal;
use crate::state::fingerprint;
use crate::wire::{Request, Response};

pub(super) fn revoke(call: &mut Call<'_>, request: &Request) -> Answer {
    let form = form_of(request)?;
    let app = client(call, request, &form)?;
    let token = form.get("token");
    let token = token.ok_or_else(|| invalid_request("token is missing."))?;
    if !app.client_settings().revokes_tokens() {
        return Err(Refusal::new("unauthorized_client", ""));
    }
    if call.options.key.verify(token).is_some() {
        return Err(Refusal::new("unsupported_token_type", ""));
    }
    let pool = call.pool_mut(&app.pool_id)?;
    let kept = pool.refresh_tokens.get(&fingerprint(token));
    // RFC 7009: an unknown token is as good as revoked.
    if let Some(id) = kept.map(|kept| kept.sign_in.clone())
        && let Some(sign_in) = pool.sign_ins.get_mut(&id)
    {
        if sign_in.client_id != app.client_id() {
            return Err(Refusal::new("unauthorized_client", ""));
        }
        sign_in.revoked = true;
    }
    Ok(Response::with_text(200, "text/plain", ""))
}
