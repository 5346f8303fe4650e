//! The tabs of one browser, which share a storage, a clock and a pool.

use crate::{
    moves::{Act, Move},
    search::Setting,
    support::{LocalPool, Storage, World},
};

pub(crate) struct Browser {
    pub(crate) tabs: Vec<World>,
}

impl Browser {
    pub(crate) fn open(setting: &Setting, pool: &LocalPool) -> Self {
        let storage = setting.storage.then(Storage::default);
        let first = World::new(Some(pool.clone()), setting.options.clone(), storage, None);
        let mut tabs = vec![first];
        for _ in 1..setting.tabs {
            tabs.push(tabs[0].new_tab());
        }
        let mut browser = Self { tabs };
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
            act => act.happen(&mut self.tabs[did.tab]),
        };
        // Who has waited for the lock has it once it is free.
        self.tabs.iter_mut().for_each(World::look_at_locks);
        taken
    }
}
