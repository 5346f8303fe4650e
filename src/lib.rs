//! Signing up and signing in against Amazon Cognito user pools, as one typed state machine.
#![forbid(unsafe_code)]
