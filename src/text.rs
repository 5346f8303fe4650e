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

#[inline(never)]
pub(crate) fn contains(text: &str, part: &str) -> bool {
    after(text, part).is_some()
}

/// What stands before the first of these ASCII characters; the whole, should there be none.
pub(crate) fn before<'a>(text: &'a str, ends: &[u8]) -> &'a str {
    #[allow(clippy::manual_contains)] // which is made for long lists
    let end = text
        .bytes()
        .position(|byte| ends.iter().any(|end| *end == byte));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// What stands on either side of the last such ASCII character.
pub(crate) fn cut_at_last(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The text with each occurrence of a part replaced by `…`, whatever the case of its letters. A part
/// of up to three characters is looked for as a word of its own alone: as a part of other words it says
/// nothing, and without it they would not be readable.
pub(crate) fn without(text: &str, part: &str) -> String {
    let letters = part.chars().count();
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let in_word = kept.bytes().next_back().is_some_and(is_word);
        match begins_with(rest, part) {
            Some(after)
                if letters > 3
                    || letters > 0 && !in_word && !after.bytes().next().is_some_and(is_word) =>
            {
                kept.push('…');
                rest = after;
            }
            _ => {
                kept.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    kept
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// What follows a part at the beginning of a text. The two cases of a letter lie near each other in
/// every alphabet that has them; what lies so near is taken for the same, without tables of them.
fn begins_with<'a>(text: &'a str, part: &str) -> Option<&'a str> {
    let mut chars = text.chars();
    for wanted in part.chars() {
        let c = chars.next()?;
        let near = !c.is_ascii() && (c as u32).abs_diff(wanted as u32) <= 80;
        if !c.eq_ignore_ascii_case(&wanted) && !near {
            return None;
        }
    }
    Some(chars.as_str())
}

/// The text without the blanks at its ends.
pub(crate) fn trim(text: &str) -> &str {
    let (mut start, mut end, mut at) = (0, 0, 0);
    for c in text.chars() {
        let next = at + c.len_utf8();
        if !is_blank(c) {
            if end == 0 {
                start = at;
            }
            end = next;
        }
        at = next;
    }
    text.get(start..end).unwrap_or_default()
}

/// Blanks, and what is not seen at all.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\0'..=' ' | '\u{a0}' | '\u{ad}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
            | '\u{3000}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

/// A whole number in decimal digits; fractions are cut off, and what is below zero is zero.
pub(crate) fn digits(number: f64) -> String {
    let mut rest = number.max(0.0) as u64;
    let mut digits = Vec::new();
    loop {
        digits.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    digits.into_iter().rev().map(char::from).collect()
}

/// As it stands in an address: all but what RFC 3986 reserves for nothing is escaped.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let digit = |half: u8| {
        char::from(if half < 10 {
            b'0' + half
        } else {
            b'A' + half - 10
        })
    };
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(digit(byte >> 4));
            encoded.push(digit(byte & 15));
        }
    }
    encoded
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

    #[test]
    fn a_part_is_cut_out_wherever_it_stands() {
        for (text, part, kept) in [
            (
                "Password hunter22 is plain",
                "hunter22",
                "Password … is plain",
            ),
            ("HUNTER22 and hunter22", "Hunter22", "… and …"),
            ("nothing of it", "hunter22", "nothing of it"),
            ("a password has a letter", "a", "… password has … letter"),
            ("as it is", "", "as it is"),
            ("é1234é", "1234", "é…é"),
            ("名前名前です", "名前名前", "…です"),
            ("der ÄPFEL-Korb", "äpfel", "der …-Korb"),
            ("ПАРОЛЬ1 плох", "пароль1", "… плох"),
        ] {
            assert_eq!(without(text, part), kept, "{text} {part}");
        }
    }

    #[test]
    fn blanks_at_the_ends_go() {
        for (text, bare) in [
            ("", ""),
            (" \t ", ""),
            (" a b\u{3000}", "a b"),
            ("\u{feff}é\n", "é"),
            ("a", "a"),
        ] {
            assert_eq!(trim(text), bare, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_written_in_digits() {
        for (number, text) in [
            (0.0, "0"),
            (-5.0, "0"),
            (29.9, "29"),
            (1_781_308_548_123.9, "1781308548123"),
        ] {
            assert_eq!(digits(number), text);
        }
    }
}
