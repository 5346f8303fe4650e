//! The patterns of the API model, which are Java's, on a regular expression library that is small.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex_lite::Regex;

/// Whether the whole of `text` matches. A pattern that cannot be translated matches everything.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    static COMPILED: LazyLock<Mutex<BTreeMap<String, Option<Regex>>>> =
        LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let regex = compiled
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(&format!("^(?:{})$", translated(pattern))).ok());
    regex.as_ref().is_none_or(|regex| regex.is_match(text))
}

/// Writes the classes of Unicode categories (letters, marks, symbols, numbers, punctuation) as what
/// they leave out: blanks and control characters.
fn translated(pattern: &str) -> String {
    const PRINTABLE: &str = r"\p{L}\p{M}\p{S}\p{N}\p{P}";
    const CONTROLS: &str = r"\x00-\x08\x0B\x0C\x0E-\x1F\x7F";
    pattern
        .replace(&format!(r"[{PRINTABLE}\s*]"), &format!("[^{CONTROLS}]"))
        .replace(&format!(r"[{PRINTABLE}\s]"), &format!("[^{CONTROLS}]"))
        .replace(&format!(r"[{PRINTABLE}\t\n\r ]"), &format!("[^{CONTROLS}]"))
        .replace(&format!(r"[{PRINTABLE}\p{{Z}}]"), r"[^\x00-\x1F\x7F]")
        .replace(&format!("[{PRINTABLE}]"), r"[^\s\x00-\x1F\x7F]")
        .replace(r"[^_\p{Z}]", r"[^_\s]")
        .replace(r"(?<!\.)", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_api_is_understood() {
        for shape in super::super::FACTS.shapes.values() {
            if let Some(pattern) = &shape.pattern {
                assert!(
                    Regex::new(&format!("^(?:{})$", translated(pattern))).is_ok(),
                    "{pattern}"
                );
            }
        }
    }

    #[test]
    fn the_whole_text_is_matched() {
        let username = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+";
        assert!(matches(username, "Zoë+1@example.com"));
        assert!(!matches(username, "two words"));
        assert!(!matches(username, ""));
        assert!(matches(r"[\w-]+_[0-9a-zA-Z]+", "eu-west-1_AbCdEfGhI"));
        assert!(!matches(r"[\w-]+_[0-9a-zA-Z]+", "eu-west-1"));
        assert!(!matches("[0-9]+", "12a456"));
        assert!(matches(r".*\{####\}.*", "Your code is {####}."));
    }
}
