//! Rows that are also found by what is in them.

use std::collections::BTreeSet;
use std::ops::{Bound, Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::table::Table;

/// By what a row is found beside its key.
pub(crate) trait Entries {
    /// Tells of each entry: what is looked for, and the value that the row has.
    fn entries(&self, tell: &mut dyn FnMut(&'static str, &str));
}

/// A table with an index. The index holds what is settled; what the present request touched is looked
/// at row by row, so that a request finds its own changes and a refused one leaves nothing behind.
#[derive(Clone)]
pub(crate) struct Indexed<V> {
    table: Table<V>,
    /// What is looked for, the value, the row's key.
    index: BTreeSet<(&'static str, String, String)>,
    /// How many entries and rows were looked at, for tests to hold against what there is.
    #[cfg(test)]
    pub(crate) visited: std::cell::Cell<usize>,
}

impl<V: Entries + Clone> Indexed<V> {
    /// The keys of the rows with that value, in their order, after that key.
    pub(crate) fn with<'a>(
        &'a self,
        what: &'static str,
        value: &'a str,
        after: Option<&'a str>,
    ) -> impl Iterator<Item = &'a String> {
        let beginning = (what, value.to_owned(), after.unwrap_or_default().to_owned());
        let beginning = match after {
            Some(_) => Bound::Excluded(beginning),
            None => Bound::Included(beginning),
        };
        let settled = self.index.range((beginning, Bound::Unbounded));
        let settled = settled
            .take_while(move |(of, has, _)| *of == what && has == value)
            .inspect(|_| self.visit())
            .map(|(_, _, key)| key)
            .filter(|key| !self.table.is_touched(key));
        // Few, and none at all outside a request that changes something.
        let touched: BTreeSet<&String> = (self.table.touched())
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .filter(|(key, _)| self.has(key, what, &|has| has == value))
            .map(|(key, _)| key)
            .collect();
        merged(settled, touched.into_iter())
    }

    /// The keys of the rows whose value begins so, in no order.
    pub(crate) fn beginning<'a>(
        &'a self,
        what: &'static str,
        prefix: &'a str,
    ) -> impl Iterator<Item = &'a String> {
        let beginning = (what, prefix.to_owned(), String::new());
        let settled = (self.index.range(beginning..))
            .take_while(move |(of, has, _)| *of == what && has.starts_with(prefix))
            .inspect(|_| self.visit())
            .map(|(_, _, key)| key)
            .filter(|key| !self.table.is_touched(key));
        let touched = (self.table.touched())
            .filter(move |(key, _)| self.has(key, what, &|has| has.starts_with(prefix)))
            .map(|(key, _)| key);
        settled.chain(touched)
    }

    fn has(&self, key: &str, what: &'static str, is: &dyn Fn(&str) -> bool) -> bool {
        let mut found = false;
        if let Some(row) = self.table.get(key) {
            row.entries(&mut |of, value| found |= of == what && is(value));
        }
        found
    }

    pub(crate) fn commit(&mut self) {
        for (key, former) in self.table.touched() {
            if let Some(former) = former {
                former.entries(&mut |what, value| {
                    self.index.remove(&(what, value.to_owned(), key.clone()));
                });
            }
            if let Some(row) = self.table.get(key) {
                row.entries(&mut |what, value| {
                    self.index.insert((what, value.to_owned(), key.clone()));
                });
            }
        }
        self.table.commit();
    }

    fn of(table: Table<V>) -> Self {
        let mut index = BTreeSet::new();
        for (key, row) in table.iter() {
            row.entries(&mut |what, value| {
                index.insert((what, value.to_owned(), key.clone()));
            });
        }
        Self {
            table,
            index,
            #[cfg(test)]
            visited: std::cell::Cell::default(),
        }
    }

    fn visit(&self) {
        #[cfg(test)]
        self.visited.set(self.visited.get() + 1);
    }
}

/// Two sorted lists of different keys as one.
fn merged<'a>(
    one: impl Iterator<Item = &'a String>,
    other: impl Iterator<Item = &'a String>,
) -> impl Iterator<Item = &'a String> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(first), Some(second)) if second < first => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}

impl<V> Deref for Indexed<V> {
    type Target = Table<V>;

    fn deref(&self) -> &Table<V> {
        &self.table
    }
}

impl<V> DerefMut for Indexed<V> {
    fn deref_mut(&mut self) -> &mut Table<V> {
        &mut self.table
    }
}

impl<V: Entries + Clone> Default for Indexed<V> {
    fn default() -> Self {
        Self::of(Table::default())
    }
}

impl<V: Serialize> Serialize for Indexed<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.table.serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de> + Entries + Clone> Deserialize<'de> for Indexed<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Table::deserialize(deserializer).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    impl Entries for u32 {
        fn entries(&self, tell: &mut dyn FnMut(&'static str, &str)) {
            tell("is", &self.to_string());
            tell(
                "parity",
                if self.is_multiple_of(2) {
                    "even"
                } else {
                    "odd"
                },
            );
        }
    }

    fn keys<'a>(found: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
        found.map(String::as_str).collect()
    }

    #[test]
    fn a_request_finds_its_own_changes_and_a_refused_one_leaves_none() {
        let mut table = Indexed::default();
        for (key, value) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
            table.insert(key.into(), value);
        }
        assert_eq!(keys(table.with("parity", "even", None)), ["b", "d"]);
        table.commit();
        assert_eq!(keys(table.with("parity", "even", None)), ["b", "d"]);
        assert_eq!(keys(table.with("parity", "even", Some("b"))), ["d"]);

        *table.get_mut("c").unwrap() = 6;
        table.remove("b");
        table.insert("aa".into(), 8);
        assert_eq!(keys(table.with("parity", "even", None)), ["aa", "c", "d"]);
        assert_eq!(keys(table.with("parity", "even", Some("aa"))), ["c", "d"]);
        assert_eq!(keys(table.beginning("is", "")).len(), 4);
        table.roll_back();
        assert_eq!(keys(table.with("parity", "even", None)), ["b", "d"]);

        *table.get_mut("c").unwrap() = 6;
        table.remove("b");
        table.commit();
        assert_eq!(keys(table.with("parity", "even", None)), ["c", "d"]);
        assert_eq!(keys(table.with("is", "3", None)), [""; 0]);
        let read: Indexed<u32> =
            serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
        assert_eq!(read.index, table.index);
    }

    #[test]
    fn a_look_up_visits_what_it_finds_however_much_there_is() {
        let mut table = Indexed::default();
        for number in 0..10_000_u32 {
            table.insert(format!("{number:05}"), number);
        }
        table.commit();
        assert_eq!(keys(table.with("is", "77", None)), ["00077"]);
        assert_eq!(keys(table.with("is", "none", None)), [""; 0]);
        assert_eq!(
            keys(table.with("parity", "odd", Some("05000")).take(3)).len(),
            3
        );
        assert_eq!(keys(table.beginning("is", "999")).len(), 11);
        assert!(table.visited.get() <= 1 + 3 + 11, "{}", table.visited.get());
    }
}
