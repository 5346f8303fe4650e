//! Replies: the pool's as HTTP has them, and the server's own.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::wire::CONTENT_TYPE;

/// An error of the server's own, in the shape of Cognito's.
pub(super) fn error(status: u16, name: &str, message: &str) -> crate::Response {
    let body = json!({ "__type": name, "message": message });
    let mut response = crate::Response::with_json(status, CONTENT_TYPE, &body);
    response
        .headers
        .push(("x-amzn-errortype".to_owned(), format!("{name}:")));
    response
}

impl IntoResponse for crate::Response {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            // What cannot stand in a header is left out rather than turned into a failure.
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name.as_str()),
                HeaderValue::try_from(value.as_str()),
            ) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
