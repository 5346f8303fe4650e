//! Rows that can take back what one request did to them.

use std::collections::{BTreeMap, btree_map};
use std::ops::Bound;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A map that remembers the former value of each row touched since the last [`commit`](Self::commit)
/// and so can [`roll back`](Self::roll_back). A request costs what it touches, not what there is.
#[derive(Clone)]
pub(crate) struct Table<V> {
    rows: BTreeMap<String, V>,
    former: BTreeMap<String, Option<V>>,
}

impl<V: Clone> Table<V> {
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.rows.get(key)
    }

    /// A row to change. Its present value comes back if the request is refused.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        let row = self.rows.get_mut(key)?;
        if !self.former.contains_key(key) {
            self.former.insert(key.into(), Some(row.clone()));
        }
        Some(row)
    }

    pub(crate) fn insert(&mut self, key: String, value: V) {
        let old = self.rows.insert(key.clone(), value);
        self.former.entry(key).or_insert(old);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Some(old) = self.rows.remove(key) {
            self.former.entry(key.into()).or_insert(Some(old));
        }
    }

    /// The rows in the order of their keys.
    pub(crate) fn iter(&self) -> btree_map::Iter<'_, String, V> {
        self.rows.iter()
    }

    /// The rows after that key, in the order of their keys.
    pub(crate) fn after(&self, key: Option<&str>) -> btree_map::Range<'_, String, V> {
        let beginning = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows.range::<str, _>((beginning, Bound::Unbounded))
    }

    /// The keys that were touched since the last commit, with the rows as they were then.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (&String, Option<&V>)> {
        self.former.iter().map(|(key, row)| (key, row.as_ref()))
    }

    pub(crate) fn is_touched(&self, key: &str) -> bool {
        self.former.contains_key(key)
    }

    pub(crate) fn values(&self) -> btree_map::Values<'_, String, V> {
        self.rows.values()
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn commit(&mut self) {
        self.former.clear();
    }

    pub(crate) fn roll_back(&mut self) {
        for (key, old) in std::mem::take(&mut self.former) {
            match old {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            former: BTreeMap::new(),
        }
    }
}

impl<V: Serialize> Serialize for Table<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Table<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            rows: BTreeMap::deserialize(deserializer)?,
            former: BTreeMap::new(),
        })
    }
}

/// One value that can take back what a request did to it.
#[derive(Clone)]
pub(crate) struct Row<V> {
    value: V,
    former: Option<V>,
}

impl<V: Clone> Row<V> {
    pub(crate) fn new(value: V) -> Self {
        Self {
            value,
            former: None,
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
        &mut self.value
    }

    pub(crate) fn commit(&mut self) {
        self.former = None;
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
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_refused_request_leaves_no_trace() {
        let mut table = Table::default();
        table.insert("kept".into(), 1);
        table.insert("gone".into(), 2);
        table.commit();

        *table.get_mut("kept").unwrap() = 10;
        *table.get_mut("kept").unwrap() = 11;
        table.remove("gone");
        table.insert("gone".into(), 3);
        table.insert("new".into(), 4);
        table.roll_back();
        assert_eq!(
            table
                .iter()
                .map(|(k, v)| (k.as_str(), *v))
                .collect::<Vec<_>>(),
            [("gone", 2), ("kept", 1)]
        );

        *table.get_mut("kept").unwrap() = 10;
        table.commit();
        table.roll_back();
        assert_eq!(table.get("kept"), Some(&10));
    }
}
