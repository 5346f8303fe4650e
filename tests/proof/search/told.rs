//! How a way is told: in words, as a test to paste, and for the demo.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{Link, Node, Search};
use crate::support::{Authenticator, Clock};

impl Search<'_> {
    /// Where `npm start` serves it from; answers with how to see it.
    pub(super) fn keep_latest(&self, node: &Node) -> String {
        let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/stories");
        self.keep_story(Path::new(folder), "latest", node);
        "To see it up to there: npm start, and ?story=found/latest\n".into()
    }

    /// Writes the story as the demo plays it (www/demo/story.js).
    pub(super) fn keep_story(&self, folder: &Path, name: &str, node: &Node) {
        let way = node.way();
        let lines: Vec<_> = (way.iter())
            .map(|it| json!({ "did": it.line, "told": it.told, "seen": it.seen }))
            .collect();
        let setting = self.setting;
        let story = json!({
            "setting": setting.name,
            "options": setting.options,
            "userPoolId": setting.pool.user_pool_id,
            "clientId": setting.pool.client_id,
            "pool": setting.pool.save(),
            "poolOptions": { "strictSms": setting.pool.options.strict_sms },
            "storage": setting.storage,
            "tabs": setting.tabs,
            "authenticator": setting.key.as_ref().map(Authenticator::told),
            "now": Clock::new().wall,
            "lines": lines,
        });
        fs::create_dir_all(folder).unwrap();
        let text = serde_json::to_string_pretty(&story).unwrap();
        fs::write(folder.join(format!("{name}.json")), text + "\n").unwrap();
    }

    /// The story, and the same as a test; `last`: what the law was broken with. Without it, it was
    /// broken when the person wanted to leave.
    pub(super) fn tell(&self, node: &Node, last: Option<(&String, &Value)>, broken: &str) -> ! {
        let way = node.way();
        let leaves = "the person wants to leave".to_owned();
        let mut told: Vec<_> = (way.iter())
            .map(|it| format!("  - {}\n      → {}", it.told, it.seen))
            .collect();
        told.push(format!("  - {}", last.map_or(&leaves, |(told, _)| told)));
        let all = way.iter().map(|it| &it.line);
        let lines: Vec<_> = (all.chain(last.map(|(_, line)| line)))
            .map(|line| format!("        {line}"))
            .collect();
        let name = self.setting.name;
        let faults = node.known.faults;
        let to_play = match self.planted {
            None => self.keep_latest(node),
            Some(_) => String::new(),
        };
        panic!(
            "{name}: {broken}\n{}\n\n{to_play}\n#[test]\nfn found() {{\n    \
             settings::named(\"{name}\").happens(\n        r#\"[\n{}\n        ]\"#,\n    );\n}}\n\
             ({faults} more faults were left)",
            told.join("\n"),
            lines.join(",\n"),
        );
    }
}

impl Node {
    /// What happened until here, from the beginning.
    pub(super) fn way(&self) -> Vec<&Link> {
        let mut way = Vec::from_iter(self.way.as_deref());
        while let Some(before) = way.last().and_then(|it| it.before.as_deref()) {
            way.push(before);
        }
        way.reverse();
        way
    }
}
