//! Which change is on: the one that `MUTANT` names. With `MUTANT=reached` none is, and the file that
//! `MUTANTS_REACHED` names is told which of them each thread, which is a test, came to.

use std::{
    cell::Cell,
    env,
    fs::OpenOptions,
    io::Write,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
};

static ON: AtomicU32 = AtomicU32::new(UNREAD);
const UNREAD: u32 = u32::MAX;
const REACHED: u32 = u32::MAX - 1;

#[inline(always)]
pub(crate) fn is(id: u32) -> bool {
    let on = ON.load(Relaxed);
    on == id || (on >= REACHED && is_or_reached(on, id))
}

#[cold]
fn is_or_reached(on: u32, id: u32) -> bool {
    if on == UNREAD {
        let on = match env::var("MUTANT").as_deref() {
            Ok("reached") => REACHED,
            Ok(number) => number.parse().unwrap_or(0),
            Err(_) => 0,
        };
        ON.store(on, Relaxed);
        return is(id);
    }
    if is_new(id) {
        let file = env::var("MUTANTS_REACHED").unwrap_or_default();
        if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(file) {
            let line = format!("{id} {}\n", thread::current().name().unwrap_or("?"));
            let _ = file.write_all(line.as_bytes());
        }
    }
    false
}

/// Whether this thread has not come to this one before. Some are in the innermost loops.
fn is_new(id: u32) -> bool {
    thread_local! { static SEEN: [Cell<u64>; 128] = const { [const { Cell::new(0) }; 128] } }
    SEEN.with(|seen| {
        let (word, bit) = (&seen[id as usize / 64], 1 << (id % 64));
        word.replace(word.get() | bit) & bit == 0
    })
}
