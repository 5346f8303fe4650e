//! Looking into short texts. The standard library's searchers are made for long ones, and would
//! bring four kilobytes into the module.

/// What follows the first occurrence of a part.
pub(crate) fn after<'a>(text: &'a str, part: &str) -> Option<&'a str> {
    let part = part.as_bytes();
    let starts_here = |at: &usize| {
        let rest = text.as_bytes().get(*at..);
        rest.is_some_and(|rest| rest.starts_with(part))
    };
    let at = (0..=text.len()).find(starts_here)?;
    text.get(at + part.len()..)
}

pub(crate) fn contains(text: &str, part: &str) -> bool {
    after(text, part).is_some()
}

/// What stands before the first of these ASCII characters; the whole, should there be none.
pub(crate) fn before<'a>(text: &'a str, ends: &[u8]) -> &'a str {
    let end = text.bytes().position(|byte| ends.contains(&byte));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// What stands on either side of the last such ASCII character.
pub(crate) fn cut_at_last(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

pub(crate) fn concat(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_agree_with_the_standard_library() {
        let texts = [
            "",
            "a",
            "aab",
            "abab",
            "schéma: é: x",
            "é",
            "#a#b",
            "a:b,c",
            "::",
        ];
        for text in texts {
            for part in [
                "",
                "a",
                "ab",
                "aba",
                "é",
                "schéma: ",
                ": ",
                "longer than all of them",
            ] {
                let rest = text.split_once(part).map(|(_, rest)| rest);
                assert_eq!(after(text, part), rest, "{text} {part}");
                assert_eq!(contains(text, part), text.contains(part), "{text} {part}");
            }
            assert_eq!(
                Some(before(text, b":,")),
                text.split([':', ',']).next(),
                "{text}"
            );
            assert_eq!(cut_at_last(text, b'#'), text.rsplit_once('#'), "{text}");
        }
        assert_eq!(concat(&["a", "", "é"]), "aé");
    }
}
