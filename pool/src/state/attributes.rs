//! A user's attributes, in one piece of memory: there may be a hundred thousand users.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names and values in the order of the names, each behind its length and a colon.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Attributes(Box<str>);

impl Attributes {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest: &str = &self.0;
        std::iter::from_fn(move || {
            let (name, value);
            (name, rest) = first(rest)?;
            (value, rest) = first(rest)?;
            Some((name, value))
        })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Gives the former value, if there was one.
    pub(crate) fn insert(&mut self, name: &str, value: &str) -> Option<String> {
        let mut all: BTreeMap<&str, &str> = self.iter().collect();
        let old = all.insert(name, value).map(String::from);
        *self = all.into_iter().collect();
        old
    }

    /// Gives the value that there was.
    pub(crate) fn remove(&mut self, name: &str) -> Option<String> {
        let old = self.get(name)?.to_owned();
        self.retain(|known, _| known != name);
        Some(old)
    }

    pub(crate) fn retain(&mut self, mut keeps: impl FnMut(&str, &str) -> bool) {
        let kept = self.iter().filter(|(name, value)| keeps(name, value));
        *self = kept.collect();
    }

    pub(crate) fn extend(&mut self, more: &BTreeMap<String, String>) {
        let mut all: BTreeMap<&str, &str> = self.iter().collect();
        all.extend(
            more.iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        *self = all.into_iter().collect();
    }
}

/// The first text of several, and what follows it.
fn first(texts: &str) -> Option<(&str, &str)> {
    let (length, rest) = texts.split_once(':')?;
    rest.split_at_checked(length.parse().ok()?)
}

/// Of pairs in the order of their names.
impl<'a> FromIterator<(&'a str, &'a str)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut texts = String::new();
        for text in pairs.into_iter().flat_map(|(name, value)| [name, value]) {
            texts.push_str(&text.len().to_string());
            texts.push(':');
            texts.push_str(text);
        }
        Self(texts.into())
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok((all
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())))
        .collect())
    }
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn they_are_a_map_in_order_whatever_is_in_them() {
        let mut attributes = Attributes::default();
        assert_eq!(attributes.get("email"), None);
        assert_eq!(attributes.insert("name", "3:é:12:"), None);
        assert_eq!(attributes.insert("address", ""), None);
        assert_eq!(attributes.insert("custom:a:b", "\0\n\u{1f600}"), None);
        assert_eq!(attributes.insert("name", "0:").as_deref(), Some("3:é:12:"));
        let all = [
            ("address", ""),
            ("custom:a:b", "\0\n\u{1f600}"),
            ("name", "0:"),
        ];
        assert_eq!(attributes.iter().collect::<Vec<_>>(), all);
        assert!(attributes.contains_key("address") && !attributes.contains_key(""));

        let written = serde_json::to_string(&attributes).unwrap();
        assert_eq!(
            written,
            serde_json::to_string(&BTreeMap::from(all)).unwrap()
        );
        assert!(serde_json::from_str::<Attributes>(&written).unwrap() == attributes);

        attributes.extend(&BTreeMap::from([("b".to_owned(), "c".to_owned())]));
        attributes.retain(|_, value| !value.is_empty());
        assert_eq!(
            attributes.keys().collect::<Vec<_>>(),
            ["b", "custom:a:b", "name"]
        );
        assert_eq!(attributes.remove("b").as_deref(), Some("c"));
        assert_eq!(attributes.remove("b"), None);
    }
}
