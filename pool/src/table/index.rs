//! Rows that are also found by what is in them.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::{Ages, Table};

/// What is looked for, the value, the row's key; of the rows as they are settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    entries: BTreeSet<(&'static str, String, String)>,
    /// How many entries were looked at, for tests to hold against what there is.
    #[cfg(test)]
    visited: std::cell::Cell<usize>,
}

impl Index {
    pub(super) fn add(&mut self, key: &str, row: &impl Ages) {
        row.entries(&mut |what, value| {
            self.entries
                .insert((what, value.to_owned(), key.to_owned()));
        });
    }

    pub(super) fn remove(&mut self, key: &str, row: &impl Ages) {
        row.entries(&mut |what, value| {
            self.entries
                .remove(&(what, value.to_owned(), key.to_owned()));
        });
    }

    fn visit(&self) {
        #[cfg(test)]
        self.visited.set(self.visited.get() + 1);
    }
}

/// What the present request touched is looked at row by row: it finds its own changes, and a refused
/// one leaves nothing behind.
impl<V: Clone + Ages> Table<V> {
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
        let settled = self.index.entries.range((beginning, Bound::Unbounded));
        let settled = settled
            .take_while(move |(of, has, _)| *of == what && has == value)
            .inspect(|_| self.index.visit())
            .map(|(_, _, key)| key)
            .filter(|key| !self.former.contains_key(key.as_str()));
        // Few, and none at all outside a request that changes something.
        let touched: BTreeSet<&String> = (self.former.keys())
            .filter(|key| after.is_none_or(|after| key.as_str() > after))
            .filter(|key| self.has(key, what, &|has| has == value))
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
        let settled = (self.index.entries.range(beginning..))
            .take_while(move |(of, has, _)| *of == what && has.starts_with(prefix))
            .inspect(|_| self.index.visit())
            .map(|(_, _, key)| key)
            .filter(|key| !self.former.contains_key(key.as_str()));
        let touched = (self.former.keys())
            .filter(move |key| self.has(key, what, &|has| has.starts_with(prefix)));
        settled.chain(touched)
    }

    fn has(&self, key: &str, what: &'static str, is: &dyn Fn(&str) -> bool) -> bool {
        let mut found = false;
        if let Some(row) = self.get(key) {
            row.entries(&mut |of, value| found |= of == what && is(value));
        }
        found
    }

    /// How many entries were looked at since it was last asked.
    #[cfg(test)]
    pub(crate) fn visited(&self) -> usize {
        self.index.visited.take()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::NotKept;
    use super::*;

    impl Ages for u32 {
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
        let mut table = Table::default();
        for (key, value) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
            table.insert(key.into(), value);
        }
        assert_eq!(keys(table.with("parity", "even", None)), ["b", "d"]);
        table.commit("t", &mut NotKept);
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
        table.commit("t", &mut NotKept);
        assert_eq!(keys(table.with("parity", "even", None)), ["c", "d"]);
        assert_eq!(keys(table.with("is", "3", None)), [""; 0]);
        let read: Table<u32> =
            serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
        assert_eq!(read.index.entries, table.index.entries);
    }

    #[test]
    fn a_look_up_visits_what_it_finds_however_much_there_is() {
        let mut table = Table::default();
        for number in 0..10_000_u32 {
            table.insert(format!("{number:05}"), number);
        }
        table.commit("t", &mut NotKept);
        assert_eq!(keys(table.with("is", "77", None)), ["00077"]);
        assert_eq!(keys(table.with("is", "none", None)), [""; 0]);
        assert_eq!(
            keys(table.with("parity", "odd", Some("05000")).take(3)).len(),
            3
        );
        assert_eq!(keys(table.beginning("is", "999")).len(), 11);
        let visited = table.visited();
        assert!(visited <= 1 + 3 + 11, "{visited}");
    }
}
