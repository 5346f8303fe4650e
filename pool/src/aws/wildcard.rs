//! The patterns of IAM's policies.

/// Whether `text` fits `pattern`, in which `*` stands for any text and `?` for one character.
///
/// Takes time proportional to the product of the lengths at worst, whatever the pattern.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    // `fits[i]`: what was read of the pattern so far fits the first `i` characters of the text.
    let text: Vec<char> = text.chars().collect();
    let mut fits = vec![false; text.len() + 1];
    if let Some(empty) = fits.first_mut() {
        *empty = true;
    }
    for wanted in pattern.chars() {
        if wanted == '*' {
            let mut any_shorter = false;
            for fit in &mut fits {
                any_shorter |= *fit;
                *fit = any_shorter;
            }
        } else {
            let mut shorter = false;
            let characters = std::iter::once(None).chain(text.iter().copied().map(Some));
            for (fit, character) in fits.iter_mut().zip(characters) {
                let here = shorter && character.is_some_and(|it| wanted == '?' || wanted == it);
                shorter = std::mem::replace(fit, here);
            }
        }
    }
    fits.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("*", "anything", true),
            ("", "", true),
            ("", "a", false),
            ("sns:*", "sns:publish", true),
            ("sns:pub*", "sns:publish", true),
            ("s?s:publish", "sns:publish", true),
            ("s?s:publish", "ss:publish", false),
            ("*publish", "sns:publish", true),
            ("sns:*lish*", "sns:publish", true),
            ("sns:publish?", "sns:publish", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-", false),
        ] {
            assert_eq!(wildcard(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        let pattern = "*a".repeat(2_000);
        assert!(!wildcard(&pattern, &"a".repeat(1_999)));
    }
}
