//! What a developer reads who prints something: that it is there, and no secret.

use cognito_flow::{Code, FlowError, Secret, Text};

use crate::support::*;

#[test]
fn an_error_reads_as_its_message() {
    let error = FlowError::from(Code::CodeMismatch);
    assert_eq!(error.to_string(), error.message());
    assert_eq!(error.message(), "This code is wrong. Try again.");
}

#[test]
fn a_text_is_printed_as_a_string_and_a_secret_only_as_one_that_is_there() {
    assert_eq!(format!("{:?}", Text::from("a \"b\"")), r#""a \"b\"""#);
    assert_eq!(format!("{:?}", Secret::from("swordfish")), "Secret(…)");
}

#[test]
fn nothing_of_the_randomness_of_a_moment_is_printed() {
    assert_eq!(format!("{:?}", Clock::new().moment()), "Moment(…)");
}
