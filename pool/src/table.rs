//! Rows that can take back what one request did to them, and say what it did once it is settled.

mod index;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use index::Index;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a settled transaction's rows go: see [`Table::commit`].
pub(crate) trait Journal {
    /// Everything that follows is of this user pool; of none when `id` is empty.
    fn enter(&mut self, id: &str);

    /// A row as it is from now on; `None` when it is gone.
    fn row<V: Serialize>(&mut self, table: &'static str, key: &str, row: Option<&V>);
}

/// The journal of a service that is kept in memory alone.
pub(crate) struct NotKept;

impl Journal for NotKept {
    fn enter(&mut self, _: &str) {}

    fn row<V: Serialize>(&mut self, _: &'static str, _: &str, _: Option<&V>) {}
}

/// What time does to a row by itself, and how it is found. Most rows stay as they are, and are found
/// by their keys.
pub(crate) trait Ages: Sized {
    /// When the row, or a part of it, is over and can be swept.
    fn due(&self) -> Option<u64> {
        None
    }

    /// By what the row is found beside its key: tells of each thing looked for, and of the value that
    /// the row has.
    fn entries(&self, _tell: &mut dyn FnMut(&'static str, &str)) {}

    /// Gives back room that a settled row does not need.
    fn tidy(&mut self) {}

    /// What is left of it at `now`, if anything is.
    fn aged(&self, _now: u64) -> Option<Self> {
        None
    }
}

impl Ages for String {}

/// A map that remembers the former value of each row touched since the last [`commit`](Self::commit)
/// and so can [`roll back`](Self::roll_back). A request costs what it touches, not what there is.
///
/// Rows are shared: a copy of a table costs a pointer for each row, not the rows. So are their keys, with
/// the index.
#[derive(Clone)]
pub(crate) struct Table<V> {
    rows: BTreeMap<Arc<str>, Arc<V>>,
    former: BTreeMap<Arc<str>, Option<Arc<V>>>,
    /// When which row is to be looked at by [`sweep`](Self::sweep). A time may be out of date, and
    /// then there is another one for the row as it is now.
    due: BTreeSet<(u64, Arc<str>)>,
    index: Index,
}

impl<V: Clone + Ages> Table<V> {
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.rows.get(key).map(Arc::as_ref)
    }

    /// A row to change. Its present value comes back if the request is refused.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        if !self.former.contains_key(key) {
            let (key, row) = self.rows.get_key_value(key)?;
            self.former.insert(key.clone(), Some(row.clone()));
        }
        self.rows.get_mut(key).map(Arc::make_mut)
    }

    pub(crate) fn insert(&mut self, key: String, value: V) {
        let key: Arc<str> = key.into();
        let old = self.rows.insert(key.clone(), Arc::new(value));
        self.former.entry(key).or_insert(old);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Some(old) = self.rows.remove(key) {
            self.former.entry(key.into()).or_insert(Some(old));
        }
    }

    /// The rows in the order of their keys.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &V)> {
        (self.rows.iter()).map(|(key, row)| (key.as_ref(), row.as_ref()))
    }

    /// The rows after that key, in the order of their keys.
    pub(crate) fn after(&self, key: Option<&str>) -> impl Iterator<Item = (&str, &V)> {
        let beginning = key.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.rows.range::<str, _>((beginning, Bound::Unbounded));
        rows.map(|(key, row)| (key.as_ref(), row.as_ref()))
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values().map(Arc::as_ref)
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where each row is in memory: the same place is the same row, unchanged, while both are there.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&str, usize)> {
        (self.rows.iter()).map(|(key, row)| (key.as_ref(), Arc::as_ptr(row).addr()))
    }

    /// Takes back a row that the journal was told of.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn put(&mut self, key: String, value: V) {
        let key: Arc<str> = key.into();
        self.due.extend(value.due().map(|at| (at, key.clone())));
        self.index.add(&key, &value);
        self.rows.insert(key, Arc::new(value));
    }

    /// Settles what the request did, and tells the journal of each row touched. In it the table has
    /// the name `name`.
    pub(crate) fn commit(&mut self, name: &'static str, journal: &mut impl Journal)
    where
        V: Serialize,
    {
        for (key, former) in std::mem::take(&mut self.former) {
            if let Some(former) = former {
                self.index.remove(&key, former.as_ref());
            }
            if let Some(row) = self.rows.get_mut(&key).and_then(Arc::get_mut) {
                row.tidy();
            }
            let row = self.rows.get_key_value(&key);
            if let Some((key, row)) = row {
                self.index.add(key, row.as_ref());
            }
            let row = row.map(|(_, row)| row.as_ref());
            journal.row(name, &key, row);
            if let Some(at) = row.and_then(Ages::due) {
                self.due.insert((at, key));
            }
        }
    }

    pub(crate) fn roll_back(&mut self) {
        for (key, old) in std::mem::take(&mut self.former) {
            match old {
                Some(row) => self.rows.insert(key, row),
                None => self.rows.remove(&key),
            };
        }
    }

    /// Takes away what is over at `now` and gives the rows that are gone. Looks at `most` rows and
    /// counts it down: after a month's pause one request does not pay for all of it. To be called
    /// and committed between requests, not within one that may be refused.
    pub(crate) fn sweep(&mut self, now: u64, most: &mut usize) -> Vec<Arc<V>> {
        let mut gone = Vec::new();
        while *most > 0 && self.due.first().is_some_and(|(at, _)| *at <= now) {
            *most -= 1;
            let Some((_, key)) = self.due.pop_first() else {
                break;
            };
            let Some(row) = self.rows.get(&key) else {
                continue;
            };
            if row.due().is_none_or(|at| at > now) {
                continue;
            }
            match row.aged(now) {
                Some(left) => self.insert(key.as_ref().to_owned(), left),
                None => {
                    gone.push(row.clone());
                    self.remove(&key);
                }
            }
        }
        gone
    }
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            former: BTreeMap::new(),
            due: BTreeSet::new(),
            index: Index::default(),
        }
    }
}

impl<V: Serialize> Serialize for Table<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de> + Ages> Deserialize<'de> for Table<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = BTreeMap::<Arc<str>, Arc<V>>::deserialize(deserializer)?;
        let due = |(key, row): (&Arc<str>, &Arc<V>)| Some((row.due()?, key.clone()));
        let mut index = Index::default();
        rows.iter()
            .for_each(|(key, row)| index.add(key, row.as_ref()));
        Ok(Self {
            index,
            due: rows.iter().filter_map(due).collect(),
            rows,
            former: BTreeMap::new(),
        })
    }
}

/// One value that can take back what a request did to it.
#[derive(Clone)]
pub(crate) struct Row<V> {
    value: V,
    former: Option<V>,
    /// Changed outside any request, and the journal has not heard of it.
    unkept: bool,
}

impl<V: Clone> Row<V> {
    pub(crate) fn new(value: V) -> Self {
        Self {
            value,
            former: None,
            unkept: true,
        }
    }

    pub(crate) fn get(&self) -> &V {
        &self.value
    }

    pub(crate) fn get_mut(&mut self) -> &mut V {
        if self.former.is_none() {
            self.former = Some(self.value.clone());
        }
        &mut self.value
    }

    /// The value to change outside any request: nothing takes it back.
    pub(crate) fn settled_mut(&mut self) -> &mut V {
        self.former = None;
        self.unkept = true;
        &mut self.value
    }

    /// As [`Table::commit`]: the row has the name of a table and no key.
    pub(crate) fn commit(&mut self, name: &'static str, journal: &mut impl Journal)
    where
        V: Serialize,
    {
        let changed = self.former.take().is_some();
        if std::mem::take(&mut self.unkept) || changed {
            journal.row(name, "", Some(&self.value));
        }
    }

    pub(crate) fn roll_back(&mut self) {
        if let Some(value) = self.former.take() {
            self.value = value;
        }
    }
}

impl<V: Serialize> Serialize for Row<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Row<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            value: V::deserialize(deserializer)?,
            former: None,
            unkept: false,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Ages at the time that it is.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Until(u64);

    impl Ages for Until {
        fn due(&self) -> Option<u64> {
            Some(self.0)
        }
    }

    #[derive(Default)]
    struct Written(Vec<(String, Option<String>)>);

    impl Journal for Written {
        fn enter(&mut self, _: &str) {}

        fn row<V: Serialize>(&mut self, table: &'static str, key: &str, row: Option<&V>) {
            let row = row.map(|row| serde_json::to_string(row).unwrap());
            self.0.push((format!("{table}/{key}"), row));
        }
    }

    #[test]
    fn a_refused_request_leaves_no_trace() {
        let mut table = Table::default();
        table.insert("kept".into(), Until(1));
        table.insert("gone".into(), Until(2));
        table.commit("t", &mut NotKept);

        *table.get_mut("kept").unwrap() = Until(10);
        *table.get_mut("kept").unwrap() = Until(11);
        table.remove("gone");
        table.insert("gone".into(), Until(3));
        table.insert("new".into(), Until(4));
        table.roll_back();
        let rows: Vec<_> = table.iter().map(|(k, v)| (k, v.0)).collect();
        assert_eq!(rows, [("gone", 2), ("kept", 1)]);
        let mut written = Written::default();
        table.commit("t", &mut written);
        assert_eq!(written.0, []);

        *table.get_mut("kept").unwrap() = Until(10);
        table.commit("t", &mut NotKept);
        table.roll_back();
        assert_eq!(table.get("kept"), Some(&Until(10)));
    }

    #[test]
    fn the_journal_hears_of_each_row_once_and_as_it_is() {
        let mut table = Table::default();
        table.insert("a".into(), Until(1));
        table.insert("b".into(), Until(2));
        table.commit("t", &mut NotKept);
        *table.get_mut("a").unwrap() = Until(5);
        *table.get_mut("a").unwrap() = Until(6);
        table.remove("b");
        let mut written = Written::default();
        table.commit("t", &mut written);
        let expected = [("t/a".into(), Some("6".into())), ("t/b".into(), None)];
        assert_eq!(written.0, expected);

        let mut row = Row::new(1);
        let mut written = Written::default();
        row.commit("r", &mut written);
        row.commit("r", &mut written);
        *row.get_mut() = 2;
        row.roll_back();
        row.commit("r", &mut written);
        *row.settled_mut() = 3;
        row.commit("r", &mut written);
        let expected = ["1", "3"].map(|value| ("r/".to_owned(), Some(value.to_owned())));
        assert_eq!(written.0, expected);
    }

    #[test]
    fn what_is_over_is_swept_and_what_was_prolonged_is_not() {
        let mut table = Table::default();
        for (key, until) in [("a", 10), ("b", 10), ("c", 30), ("d", 10)] {
            table.insert(key.into(), Until(until));
        }
        table.commit("t", &mut NotKept);
        *table.get_mut("b").unwrap() = Until(20);
        table.remove("d");
        table.commit("t", &mut NotKept);
        assert!(table.sweep(9, &mut 100).is_empty());
        assert_eq!(table.sweep(10, &mut 100), [Arc::new(Until(10))]);
        table.commit("t", &mut NotKept);
        let mut read: Table<Until> =
            serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
        for table in [&mut table, &mut read] {
            assert_eq!(table.sweep(40, &mut 1).len(), 1);
            assert_eq!(table.len(), 1);
            assert_eq!(table.sweep(40, &mut 100).len(), 1);
            assert!(table.due.is_empty());
        }
    }
}
