//! The tabs of one browser, which share a storage, a clock and a pool.

use serde_json::{Value, json};

use crate::{
    moves::{Act, Move},
    search::Setting,
    support::{LocalPool, Storage, World},
};

pub(crate) struct Browser {
    pub(crate) tabs: Vec<World>,
    /// Of each tab: what the page was left with for another one, from which nobody is back yet.
    pub(crate) away: Vec<Option<Value>>,
    /// Of each tab: the code that the person came back with, and the verifier that belongs to it.
    pub(crate) back: Vec<Option<(String, String)>>,
}

impl Browser {
    pub(crate) fn open(setting: &Setting, pool: &LocalPool) -> Self {
        let storage = setting.storage.then(Storage::default);
        let first = World::new(Some(pool.clone()), setting.options.clone(), storage, None);
        let mut tabs = vec![first];
        for _ in 1..setting.tabs {
            tabs.push(tabs[0].new_tab());
        }
        let mut browser = Self {
            away: vec![None; tabs.len()],
            back: vec![None; tabs.len()],
            tabs,
        };
        browser.watch(false);
        browser
    }

    /// Whether each input is held to the law from now on.
    pub(crate) fn watch(&mut self, watched: bool) {
        for tab in &mut self.tabs {
            tab.watched = watched;
        }
    }

    /// When the first of the machines asked to be woken.
    pub(crate) fn deadline(&self) -> Option<f64> {
        let deadlines = self.tabs.iter().filter_map(|tab| tab.flow.deadline());
        deadlines.min_by(f64::total_cmp)
    }

    /// As js/redirect.js does: it is good once.
    fn come_back(&mut self, at: usize, with: &Result<String, &'static str>) {
        let left = self.away[at].take().unwrap();
        let verifier = left["verifier"].as_str().unwrap().to_owned();
        let tab = &mut self.tabs[at];
        tab.reload();
        match with {
            Ok(code) => {
                self.back[at] = Some((code.clone(), verifier));
                tab.come_back(json!({}));
            }
            Err(name) => tab.come_back(json!({ "error": name, "description": "" })),
        }
    }

    /// Whether it was taken: misuse changes nothing.
    pub(crate) fn happen(&mut self, did: &Move) -> bool {
        let taken = match &did.act {
            Act::Wait => {
                let deadline = self.deadline().unwrap();
                for tab in &mut self.tabs {
                    tab.clock.pass_until_steady(deadline);
                }
                self.tabs.iter_mut().for_each(World::wake);
                true
            }
            Act::Oversleep(ms) => {
                let deadline = self.deadline().unwrap();
                for tab in &mut self.tabs {
                    tab.clock.pass_until_steady(deadline + ms);
                }
                true
            }
            Act::Return(with) => {
                self.come_back(did.tab, with);
                true
            }
            act => act.happen(&mut self.tabs[did.tab]),
        };
        // Signing out on the other page as well leads back at once.
        let left = self.tabs[did.tab].left_for.pop();
        if let Some(to) = left.filter(|to| to["verifier"].is_string()) {
            self.away[did.tab] = Some(to);
        }
        // Who has waited for the lock has it once it is free.
        self.tabs.iter_mut().for_each(World::look_at_locks);
        taken
    }
}
