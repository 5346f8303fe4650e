//! What a browser keeps between pages, and the lock that its tabs share.

use std::{cell::RefCell, rc::Rc};

/// The session record, the devices and the lock, which all tabs share. The pending record is each tab's own.
#[derive(Clone, Default)]
pub(crate) struct Storage(Rc<RefCell<Shared>>);

#[derive(Default)]
struct Shared {
    session: Option<String>,
    devices: Option<String>,
    lock: Option<u32>,
    tabs: u32,
    writes: u32,
    /// It takes whatever is written, and keeps nothing.
    forgetful: bool,
}

impl Storage {
    pub(crate) fn new_tab(&self) -> u32 {
        let mut shared = self.0.borrow_mut();
        shared.tabs += 1;
        shared.tabs
    }

    /// From now on nothing that is written stays.
    pub(crate) fn forget_all(&self) {
        let mut shared = self.0.borrow_mut();
        (shared.session, shared.devices, shared.forgetful) = (None, None, true);
    }

    pub(crate) fn is_forgetful(&self) -> bool {
        self.0.borrow().forgetful
    }

    pub(crate) fn session(&self) -> Option<String> {
        self.0.borrow().session.clone()
    }

    pub(crate) fn set_session(&self, record: Option<String>) {
        let mut shared = self.0.borrow_mut();
        shared.writes += 1;
        shared.session = record.filter(|_| !shared.forgetful);
    }

    pub(crate) fn devices(&self) -> Option<String> {
        self.0.borrow().devices.clone()
    }

    pub(crate) fn set_devices(&self, record: Option<String>) {
        let mut shared = self.0.borrow_mut();
        shared.writes += 1;
        shared.devices = record.filter(|_| !shared.forgetful);
    }

    /// How often anything was written, or erased.
    #[allow(dead_code)] // not for tests/proof
    pub(crate) fn writes(&self) -> u32 {
        self.0.borrow().writes
    }

    /// Takes the lock for the tab, if no other one has it.
    pub(crate) fn lock(&self, tab: u32) -> bool {
        *self.0.borrow_mut().lock.get_or_insert(tab) == tab
    }

    /// Whose the lock is.
    #[allow(dead_code)] // for tests/proof
    pub(crate) fn locked_by(&self) -> Option<u32> {
        self.0.borrow().lock
    }

    pub(crate) fn unlock(&self, tab: u32) {
        let lock = &mut self.0.borrow_mut().lock;
        *lock = lock.filter(|owner| *owner != tab);
    }
}
