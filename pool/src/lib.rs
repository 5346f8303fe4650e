//! A local user pool that speaks Amazon Cognito's protocol.
#![forbid(unsafe_code)]
