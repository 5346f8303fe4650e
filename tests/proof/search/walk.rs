//! Walks at random: far deeper than the search goes, with any number of things that go wrong. Each is
//! told by its seed, and held to every law at every step.

use super::{Act, Browser, Came, Move, Node, Search, Setting, asked, codes, faults, times};
use crate::support::Dice;

/// How many steps a walk has.
const STEPS: usize = 40;

impl Setting {
    /// `PROOF_WALKS` walks, or a few; of settings that cost much time, fewer.
    pub(crate) fn walk(&self) {
        let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        let walks = number("PROOF_WALKS")
            .unwrap_or(4)
            .div_ceil(self.weight as u64);
        let first = number("PROOF_SEED").unwrap_or(0);
        for seed in first..first + walks {
            // Seen where the walk breaks a law.
            println!(
                "{}: PROOF_SEED={seed} PROOF_WALKS=1 is this walk",
                self.name
            );
            self.walk_by(seed);
        }
    }

    fn walk_by(&self, seed: u64) {
        let mut dice = Dice(seed);
        let mut search = Search::new(self, None);
        let (mut node, mut browser) = search.start(STEPS as u32);
        let mut steps = 0;
        while steps < STEPS {
            if let Some((next, _)) = search.step(&node, &browser, &mut dice) {
                // To hold a browser to the laws changes it: what comes next is of one that was not.
                browser = search.replay(&next);
                node = next;
                steps += 1;
                let met = search.replay(&node);
                search.meet(node.clone(), met);
            }
        }
        if std::env::var_os("PROOF_STORY").is_some() {
            println!("{}", search.keep_latest(&node));
        }
    }
}

impl Search<'_> {
    /// One thing, if it can happen now.
    fn step(&mut self, node: &Node, browser: &Browser, dice: &mut Dice) -> Option<(Node, Browser)> {
        let tab = dice.roll(browser.tabs.len());
        let under_way = browser.tabs[tab].network.under_way.len().min(2);
        let (act, pool, fault) = match dice.roll(16) {
            0..=7 if under_way > 0 => {
                let at = dice.roll(under_way);
                match dice.roll(8) {
                    0 => {
                        let (_, came) = dice.pick(faults());
                        (Act::Reply(at, came), None, true)
                    }
                    1 => {
                        let (_, saved) = self.answer(node, browser, tab, at);
                        (Act::Reply(at, Came::Lost), Some(saved), true)
                    }
                    _ => {
                        let (came, saved) = self.answer(node, browser, tab, at);
                        (Act::Reply(at, came), Some(saved), false)
                    }
                }
            }
            8 if browser.deadline().is_some() => (dice.pick(times(browser)), None, false),
            9 if !self.setting.administrator.is_empty() && node.known.faults > 0 => {
                let operation = dice.pick(self.setting.administrator.to_vec());
                let saved = self.administer(node, browser, operation);
                (Act::Administrator(operation), Some(saved), true)
            }
            10 => {
                let (act, saved) = self.come_back(node, browser, tab)?;
                (act, Some(saved), false)
            }
            _ => {
                let key = self.setting.key.as_ref();
                let codes = codes(&node.pool.value);
                (
                    dice.pick(asked(self.setting, browser, tab, &codes, key)),
                    None,
                    false,
                )
            }
        };
        self.happen(node, browser, Move { tab, act }, pool, fault)
    }
}
