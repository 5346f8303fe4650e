//! One request and one reply of the wire protocol, free of any HTTP library.

use serde_json::Value;

/// What the operations' names are prefixed with in `x-amz-target`.
pub const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService";

/// The media type of every operation's request and reply.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The operation that a header `x-amz-target` names, if it is one of user pools.
pub(crate) fn operation_of(target: &str) -> Option<&str> {
    target.strip_prefix(TARGET_PREFIX)?.strip_prefix('.')
}

/// An HTTP request, as a server or a `fetch` took it from its client.
#[derive(Clone)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path with its query, as it stood in the request line.
    pub path: String,
    /// Names and values; names are compared without regard to case.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Request {
    /// The POST that calls the user pool operation `name` with `input`.
    pub fn operation(name: &str, input: &Value) -> Self {
        Self {
            method: "POST".into(),
            path: "/".into(),
            headers: vec![
                ("content-type".into(), CONTENT_TYPE.into()),
                ("x-amz-target".into(), format!("{TARGET_PREFIX}.{name}")),
            ],
            body: input.to_string().into_bytes(),
        }
    }

    /// A GET of `path` (with its query), as for the well-known documents and the control surface.
    pub fn get(path: &str) -> Self {
        Self {
            method: "GET".into(),
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The region of the credential scope, in a request signed for user pools (AWS Signature Version
    /// 4). The signature is not checked.
    pub(crate) fn signed_region(&self) -> Option<&str> {
        let header = self.header("authorization")?;
        let (_, scope) = header.split_once("Credential=")?;
        let scope = scope.split(',').next()?.trim();
        // KEY/DATE/REGION/SERVICE/aws4_request; a key has no slash.
        let mut parts = scope.split('/').skip(2);
        let (region, service) = (parts.next()?, parts.next()?);
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_region = !region.is_empty() && region.len() <= 30 && region.bytes().all(plain);
        (is_region && service == "cognito-idp").then_some(region)
    }

    /// The path without its query.
    pub fn path_only(&self) -> &str {
        self.path
            .split_once('?')
            .map_or(self.path.as_str(), |(path, _)| path)
    }

    /// The decoded value of a query parameter.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(key, _)| percent_decoded(key) == name)
            .map(|(_, value)| percent_decoded(value))
    }
}

// Bodies and paths hold passwords, codes and tokens.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("target", &self.header("x-amz-target"))
            .finish_non_exhaustive()
    }
}

/// An HTTP reply.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A reply of `status` whose body is `body` as JSON, of media type `content_type`.
    pub fn with_json(status: u16, content_type: &str, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.to_string().into_bytes(),
        }
    }

    /// A reply of `status` with a page or a plain text.
    pub fn with_text(status: u16, content_type: &str, text: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: text.as_bytes().to_vec(),
        }
    }

    /// The body read as JSON; `null` when it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The name of the exception that this reply carries, if it is an error.
    pub fn error_name(&self) -> Option<&str> {
        self.header("x-amzn-errortype")
            .map(|name| name.trim_end_matches(':'))
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("error", &self.error_name())
            .finish_non_exhaustive()
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Decodes what a query or a form encodes: `%xx`, and `+` for a space.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let ahead = rest.clone();
                let mut digits = ahead
                    .take(2)
                    .filter_map(|digit| char::from(digit).to_digit(16));
                match (digits.next(), digits.next()) {
                    (Some(high), Some(low)) => {
                        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                        rest.next();
                        rest.next();
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_are_decoded() {
        let request = Request::get("/_pool/outbox?to=%2B12025550108&x=a+b%zz");
        assert_eq!(request.query("to").as_deref(), Some("+12025550108"));
        assert_eq!(request.query("x").as_deref(), Some("a b%zz"));
        assert_eq!(request.query("y"), None);
        assert_eq!(request.path_only(), "/_pool/outbox");
        assert_eq!(percent_encoded("+1 a@b"), "%2B1%20a%40b");
    }

    #[test]
    fn the_region_is_that_of_the_credential_scope() {
        let signed = |scope: &str| {
            let mut request = Request::operation("ListUserPools", &serde_json::json!({}));
            let value =
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
            request.headers.push(("Authorization".into(), value));
            request.signed_region().map(String::from)
        };
        let region = signed("key/20260301/us-east-1/cognito-idp/aws4_request");
        assert_eq!(region.as_deref(), Some("us-east-1"));
        for other in [
            "",
            "key",
            "key/20260301/us-east-1/iam/aws4_request",
            "key/20260301//cognito-idp/aws4_request",
            "key/20260301/US_EAST/cognito-idp/aws4_request",
        ] {
            assert_eq!(signed(other), None, "{other}");
        }
    }

    #[test]
    fn debug_shows_no_body() {
        let request = Request::operation("SignUp", &serde_json::json!({ "Password": "Passw0rd!" }));
        assert!(!format!("{request:?}").contains("Passw0rd!"));
    }
}
