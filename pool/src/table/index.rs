//! Rows that are also found by what is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use super::{Ages, Table};

/// The keys of rows by what is looked for and by the value they have; of the rows as they are settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    entries: BTreeMap<&'static str, BTreeMap<Box<str>, Keys>>,
    /// How many entries were looked at, for tests to hold against what there is.
    #[cfg(test)]
    visited: std::cell::Cell<usize>,
}

/// The keys of the rows with one value, most often of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Keys {
    One(Arc<str>),
    #[allow(
        clippy::box_collection,
        reason = "one key, as most have it, is to take no more room than that"
    )]
    Many(Box<BTreeSet<Arc<str>>>),
}

impl Keys {
    fn add(&mut self, key: &Arc<str>) {
        match self {
            Self::One(other) if other == key => {}
            Self::One(other) => {
                let both = [other.clone(), key.clone()];
                *self = Self::Many(Box::new(both.into()));
            }
            Self::Many(keys) => {
                keys.insert(key.clone());
            }
        }
    }

    /// Says whether that was the only one.
    fn remove(&mut self, key: &str) -> bool {
        match self {
            Self::One(only) => only.as_ref() == key,
            Self::Many(keys) => {
                keys.remove(key);
                if let (1, Some(only)) = (keys.len(), keys.first()) {
                    *self = Self::One(only.clone());
                }
                false
            }
        }
    }

    /// Those after `key`, in their order.
    fn after(&self, key: Option<&str>) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::One(only) => (Some(only), None),
            Self::Many(keys) => {
                let beginning = key.map_or(Bound::Unbounded, Bound::Excluded);
                let keys = keys.range::<str, _>((beginning, Bound::Unbounded));
                (None, Some(keys))
            }
        };
        let one = one.filter(|only| key.is_none_or(|key| only.as_ref() > key));
        let all = one.into_iter().chain(many.into_iter().flatten());
        all.map(Arc::as_ref)
    }
}

impl Index {
    pub(super) fn add(&mut self, key: &Arc<str>, row: &impl Ages) {
        row.entries(&mut |what, value| {
            let values = self.entries.entry(what).or_default();
            match values.get_mut(value) {
                Some(keys) => keys.add(key),
                None => {
                    values.insert(value.into(), Keys::One(key.clone()));
                }
            }
        });
    }

    pub(super) fn remove(&mut self, key: &str, row: &impl Ages) {
        row.entries(&mut |what, value| {
            if let Some(values) = self.entries.get_mut(what)
                && values.get_mut(value).is_some_and(|keys| keys.remove(key))
            {
                values.remove(value);
            }
        });
    }

    /// The values that begin so, with their keys.
    fn beginning<'a>(
        &'a self,
        what: &str,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Keys)> {
        let values = self.entries.get(what).into_iter();
        let beginning = (Bound::Included(prefix), Bound::Unbounded);
        values
            .flat_map(move |values| values.range::<str, _>(beginning))
            .map(|(value, keys)| (value.as_ref(), keys))
            .take_while(move |(value, _)| value.starts_with(prefix))
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
    ) -> impl Iterator<Item = &'a str> {
        let keys = (self.index.entries.get(what)).and_then(|values| values.get(value));
        let settled = (keys.into_iter())
            .flat_map(move |keys| keys.after(after))
            .inspect(|_| self.index.visit())
            .filter(|key| !self.former.contains_key(*key));
        // Few, and none at all outside a request that changes something.
        let touched: BTreeSet<&str> = (self.former.keys())
            .map(Arc::as_ref)
            .filter(|key| after.is_none_or(|after| *key > after))
            .filter(|key| self.has(key, what, &|has| has == value))
            .collect();
        merged(settled, touched.into_iter())
    }

    /// The keys of the rows whose value begins so, in no order.
    pub(crate) fn beginning<'a>(
        &'a self,
        what: &'static str,
        prefix: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let settled = (self.index.beginning(what, prefix))
            .flat_map(|(_, keys)| keys.after(None))
            .inspect(|_| self.index.visit())
            .filter(|key| !self.former.contains_key(*key));
        let touched = (self.former.keys())
            .map(Arc::as_ref)
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
    one: impl Iterator<Item = &'a str>,
    other: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = &'a str> {
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

    fn keys<'a>(found: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        found.collect()
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
