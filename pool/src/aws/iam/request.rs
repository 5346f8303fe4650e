//! What requests of IAM have in common: names, paths, documents, and the errors about them.

use super::super::policy::{Kind, Policy};
use super::super::query::{Form, QueryError};

pub(in crate::aws) fn path_of(form: &Form) -> Result<&str, QueryError> {
    let path = form.value("Path").unwrap_or("/");
    if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 {
        return Ok(path);
    }
    Err(QueryError::validation(
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

pub(in crate::aws) fn check(document: &str, kind: Kind) -> Result<(), QueryError> {
    match Policy::parse(document, kind) {
        Ok(_) => Ok(()),
        Err(why) => Err(QueryError::new(400, "MalformedPolicyDocument", why)),
    }
}

/// A name of IAM's pattern `[\w+=,.@-]+`, at most `max` long.
pub(in crate::aws) fn name_of<'a>(
    form: &'a Form,
    parameter: &str,
    max: usize,
) -> Result<&'a str, QueryError> {
    let name = form.required(parameter)?;
    let fits = |it: char| it.is_ascii_alphanumeric() || "_+=,.@-".contains(it);
    if name.len() <= max && name.chars().all(fits) {
        return Ok(name);
    }
    Err(QueryError::validation(format!(
        "The specified value for {parameter} is invalid. It must contain only alphanumeric \
         characters and/or the following: +=,.@_- and be at most {max} long."
    )))
}

pub(in crate::aws) fn no_such_entity(message: String) -> QueryError {
    QueryError::new(404, "NoSuchEntity", message)
}
