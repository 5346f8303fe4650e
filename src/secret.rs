//! Texts: one word wide, shared rather than copied, wiped when the last owner drops them.

use std::{fmt, ops::Deref, rc::Rc};

#[cfg(not(target_arch = "wasm32"))]
use zeroize::Zeroize;

/// A text that came from outside. Whatever it says, it is wiped when it is no longer needed: what
/// people type is theirs. (One word is handed on instead of a `String`'s three, and shared instead of
/// copied: a twentieth of the module.)
#[derive(PartialEq, Eq)]
pub struct Text(Rc<Wiped>);

impl Clone for Text {
    // Written out wherever a text is shared, it takes 0.2 kB more.
    #[inline(never)]
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

#[derive(PartialEq, Eq)]
struct Wiped(String);

// In the module all memory is wiped that is given back: see `allocator`.
#[cfg(not(target_arch = "wasm32"))]
impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Text {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

impl Default for Text {
    fn default() -> Self {
        String::new().into()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self(Rc::new(Wiped(value)))
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        String::from(value).into()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A password, a code, a token or one of the pool's session strings: redacted in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Text);

impl Secret {
    /// Takes the text over.
    pub fn new(value: impl Into<Text>) -> Self {
        Self(value.into())
    }

    /// The value itself. Whoever calls this answers for where it goes: never into a log, an
    /// error, a snapshot or a URL.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl Secret {
    /// What holds a secret only if something in it is one.
    pub(crate) fn into_text(self) -> Text {
        self.0
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
