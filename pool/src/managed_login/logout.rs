//! `/logout`: the browser is forgotten; the tokens that it was given are not touched.

use super::parameters::{Parameters, app_at};
use super::{Answer, cookies, page};
use crate::call::Call;
use crate::wire::Request;

pub(super) fn logout(call: &mut Call<'_>, request: &Request) -> Answer {
    let query = Parameters::of_query(request);
    let app = query
        .get("client_id")
        .and_then(|id| app_at(call, request, id));
    let Some(app) = app else {
        return Ok(page::failure(
            400,
            "There is no such app at this address. (invalid_client: client_id)",
        ));
    };
    let oauth = app.client_settings().oauth;
    let to = match (query.get("logout_uri"), query.get("redirect_uri")) {
        (Some(uri), _) if oauth.logout_urls.iter().any(|known| known == uri) => uri.to_owned(),
        (None, Some(uri)) if oauth.callback_urls.iter().any(|known| known == uri) => {
            // To sign in again, as somebody else perhaps.
            format!("/login?{}", query.encoded())
        }
        _ => {
            return Ok(page::failure(
                400,
                "The app wants to go on at an address that it may not. (logout_uri, or \
                 redirect_uri with response_type)",
            ));
        }
    };
    let cookie = cookies::forget(call, request, &app)?;
    Ok(page::with_cookie(page::redirect(&to), cookie))
}
