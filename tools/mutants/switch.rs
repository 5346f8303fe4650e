//! Which change is on: the one that `MUTANT` names. With `MUTANT=reached` none is, and the file that
//! `MUTANTS_REACHED` names is told which of them each thread, which is a test, came to.

use std::{
    cell::RefCell,
    env,
    fs::OpenOptions,
    io::Write,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
};

static ON: AtomicU32 = AtomicU32::new(UNREAD);
const UNREAD: u32 = u32::MAX;
const REACHED: u32 = u32::MAX - 1;

#[inline]
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
    thread_local! { static SEEN: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) } }
    let is_new = SEEN.try_with(|seen| {
        let seen = &mut *seen.borrow_mut();
        let at = id as usize;
        seen.resize(seen.len().max(at + 1), false);
        !std::mem::replace(&mut seen[at], true)
    });
    if is_new.unwrap_or(true) {
        let file = env::var("MUTANTS_REACHED").unwrap_or_default();
        if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(file) {
            let line = format!("{id} {}\n", thread::current().name().unwrap_or("?"));
            let _ = file.write_all(line.as_bytes());
        }
    }
    false
}
