//! What is kept: the session in the app's storage, the step in this tab, the devices beside the
//! session. Each record is versioned and bound to pool, client and endpoint. A step's record is what
//! is shown, and the members that only the machine may see.

use crate::{
    config::Config,
    effect::{Effect, Slot},
    error::{Code, FlowError},
    event::EventType,
    fields::{Fields, Reader},
    flow::{
        Flow,
        authorized::Authorized,
        next::Next,
        session::{Devices, Session},
        step::Step,
        steps::SignedIn,
        table::StepName,
    },
    json::Object,
    protocol,
    secret::Secret,
    snapshot::{Attributes, Delivery},
    time::{Deadline, Moment},
};

/// Changes when the form of a record does; records of another version are erased.
const VERSION: f64 = 2.0;

/// Another tab that has signed somebody in is given this long to learn who it is.
const UNKNOWN_MS: f64 = 5_000.0;

/// A stored record, as the host found it.
#[derive(Clone, Copy)]
pub enum Stored<'a> {
    /// The host keeps nothing.
    Unshared,
    /// The storage has no record.
    Nothing,
    /// The record.
    Record(Fields<'a>),
}

/// The records as they were last written or seen.
#[derive(Default)]
pub(crate) struct Saved([Option<Secret>; Slot::ALL.len()]);

impl Saved {
    /// This is what the storage holds.
    fn set(&mut self, slot: Slot, record: Option<Secret>) {
        if let Some(saved) = self.0.get_mut(slot as usize) {
            *saved = record;
        }
    }
}

/// A step's record that is being read.
pub(crate) struct Restoring<'a> {
    pub(crate) reader: Reader<'a>,
    pub(crate) config: &'a Config,
    pub(crate) session: Option<&'a Session>,
    now: &'a Moment,
}

impl Restoring<'_> {
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        let delivery = self.reader.fields().object("delivery")?;
        protocol::kept_delivery(delivery)
    }

    /// A time that was shown; what is left of it is at most `longest` ms.
    pub(crate) fn deadline(&self, name: &str, longest: f64) -> Deadline {
        match self.reader.fields().number(name) {
            Some(wall) => Deadline::at_wall(wall, longest, self.now),
            None => Deadline::NEVER,
        }
    }
}

/// Whose a record is.
enum Owner {
    /// Ours.
    Us,
    /// Of a flow with another endpoint: not to be sent there, nor to be touched.
    Another,
    /// Of another version, or none at all.
    Nobody,
}

impl Flow {
    /// Writes the records that have changed.
    pub(crate) fn save(&mut self) {
        for slot in Slot::ALL {
            let record = self.record(slot);
            let Some(saved) = self.saved.0.get_mut(slot as usize) else {
                continue;
            };
            if record != *saved {
                saved.clone_from(&record);
                let session = self.known.session.as_deref();
                self.effects.push(match record {
                    Some(record) => Effect::Save {
                        slot,
                        record,
                        in_tab: slot == Slot::Session && session.is_some_and(Session::is_in_tab),
                    },
                    None => Effect::Erase { slot },
                });
            }
        }
    }

    fn record(&self, slot: Slot) -> Option<Secret> {
        let mut record = Object::new();
        record
            .millis("version", VERSION)
            .string("pool", &self.config.user_pool_id)
            .string("client", &self.config.client_id)
            .string("endpoint", &self.config.endpoint);
        match slot {
            Slot::Session => self.known.session.as_ref()?.keep(&mut record),
            Slot::Pending => {
                self.step.show(&self.known, &mut record);
                if !self.step.keep(&self.known, &mut record) {
                    return None;
                }
                record.boolean("inTab", self.known.in_tab);
            }
            Slot::Devices if self.known.devices.is_empty() => return None,
            Slot::Devices => self.known.devices.keep(&mut record),
        }
        Some(record.end().0)
    }

    fn owner(&self, record: Fields<'_>) -> Owner {
        if record.number("version") != Some(VERSION) {
            return Owner::Nobody;
        }
        let is = |name, own: &str| record.string(name).as_deref() == Some(own);
        if !is("pool", &self.config.user_pool_id) || !is("client", &self.config.client_id) {
            return Owner::Nobody;
        }
        match is("endpoint", &self.config.endpoint) {
            true => Owner::Us,
            false => Owner::Another,
        }
    }

    /// The record, if it is ours. One that is nobody's is erased with the next save: it differs from
    /// what would be written.
    fn ours<'a>(&mut self, slot: Slot, record: Stored<'a>) -> Option<Fields<'a>> {
        let Stored::Record(fields) = record else {
            return None;
        };
        let owner = self.owner(fields);
        if let Owner::Us | Owner::Nobody = owner {
            self.saved.set(slot, Some(Secret::from("")));
        }
        match owner {
            Owner::Us => Some(fields),
            Owner::Another | Owner::Nobody => None,
        }
    }

    /// What is in memory is what is stored.
    fn mark_saved(&mut self, slot: Slot) {
        self.saved.set(slot, self.record(slot));
    }

    pub(crate) fn restore(
        &mut self,
        session: Stored<'_>,
        pending: Stored<'_>,
        devices: Stored<'_>,
        now: &Moment,
    ) {
        let devices = self.ours(Slot::Devices, devices);
        // Where none are to be kept, those of before are erased.
        if let Some(record) = devices.filter(|_| self.config.devices) {
            self.known.devices = Devices::restore(record);
            self.mark_saved(Slot::Devices);
        }
        if let Some(record) = self.ours(Slot::Session, session) {
            self.known.session = Session::restore(record, now);
            if self.known.session.is_some() {
                self.mark_saved(Slot::Session);
            }
        }
        if self.known.session.is_some() {
            self.step = Step::SignedIn(SignedIn);
        }
        if let Some(record) = self.ours(Slot::Pending, pending) {
            self.take_up(record, now);
        }
        self.ask_who(now);
    }

    /// Goes on with the step that was kept, if there is still use for it.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn take_up(&mut self, record: Fields<'_>, now: &Moment) {
        let step = self.kept(record, now);
        match (&self.known.session, step) {
            (None, Some(step)) => self.resume(step, now),
            (Some(_), Some(step @ Step::VerifyAttribute(_))) => self.step = step,
            (_, Some(_) | None) => {}
        }
    }

    /// Goes on with a step that was kept, if need be after what could not be kept is there anew.
    fn resume(&mut self, step: Step, now: &Moment) {
        if let Step::Challenge(challenge) = &step
            && !challenge.expires.is_over(now)
            && let Some(next) = challenge.resume()
        {
            self.step = Step::signed_out(challenge.sign_in.username.clone());
            self.busy = Some(EventType::SignIn);
            return self.follow(next, now);
        }
        self.step = step;
    }

    fn kept(&mut self, record: Fields<'_>, now: &Moment) -> Option<Step> {
        self.known.in_tab = record.boolean("inTab") == Some(true);
        let mut record = Restoring {
            reader: Reader::new(record),
            config: &self.config,
            session: self.known.session.as_deref(),
            now,
        };
        let name = StepName::parse(&record.reader.text("step"))?;
        let step = Step::restore(name, &mut record)?;
        record.reader.complete(step)
    }

    /// Asks who is signed in, where that is not known.
    fn ask_who(&mut self, now: &Moment) {
        let session = self.known.session.as_ref();
        if session.is_some_and(|session| !session.user_is_known()) {
            let again = Authorized::Again {
                ticket: None,
                sent_to: Attributes::default(),
            };
            self.authorize(again, now);
        }
    }

    /// Another tab, frame or flow has changed a record.
    pub(crate) fn on_stored(
        &mut self,
        slot: Slot,
        record: Stored<'_>,
        now: &Moment,
    ) -> Result<(), FlowError> {
        if let Stored::Unshared = record {
            return Ok(());
        }
        let fields = match record {
            Stored::Record(fields) if matches!(self.owner(fields), Owner::Us) => Some(fields),
            _ => None,
        };
        match slot {
            Slot::Session => {
                let stored = fields.and_then(|fields| Session::restore(fields, now));
                return self.on_session_stored(stored, now);
            }
            Slot::Devices => {
                let fields = fields.filter(|_| self.config.devices);
                self.known.devices = fields.map(Devices::restore).unwrap_or_default();
                self.mark_saved(Slot::Devices);
            }
            // What another document of this tab is in the middle of is no matter of ours.
            Slot::Pending => {}
        }
        Ok(())
    }

    fn on_session_stored(
        &mut self,
        stored: Option<Box<Session>>,
        now: &Moment,
    ) -> Result<(), FlowError> {
        let same = match (&mut self.known.session, &stored) {
            (Some(own), Some(stored)) => own.is(stored.id()),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if same {
            if let (Some(own), Some(stored)) = (&mut self.known.session, stored) {
                own.renew(*stored);
                self.mark_saved(Slot::Session);
            }
            self.elsewhere = None;
            return Ok(());
        }
        if self.known.session.is_none() {
            self.elsewhere = stored;
            // Who is just signing in elsewhere is not known by more than a name yet.
            return match self.elsewhere_is_known() && self.look_elsewhere(now) {
                true => Err(Code::NotAccepted.into()),
                false => Ok(()),
            };
        }
        // Whatever was begun for the one who was here is not done for another.
        let of_event = self.busy.is_some();
        let username = (self.known.session.as_ref()).and_then(|session| session.typed_name());
        self.saved.set(Slot::Session, None);
        self.drop_session(&Code::ChallengeSpent.into(), now);
        if of_event {
            let error = Code::ChallengeSpent.into();
            self.effects.push(Effect::Reject { error });
        }
        match stored {
            Some(stored) => self.take_over(Some(stored), now),
            None => self.follow(Next::go(Step::signed_out(username)), now),
        }
        Err(Code::ChallengeSpent.into())
    }

    /// A sign-in goes on for which this tab has been elsewhere: whoever is signed in here waits, as if
    /// they had signed in in another tab meanwhile.
    pub(crate) fn step_aside(&mut self, now: &Moment) {
        self.saved.set(Slot::Session, None);
        let session = self.drop_session(&Code::ChallengeSpent.into(), now);
        self.known.in_tab = false;
        self.follow(Next::go(Step::signed_out(None)), now);
        self.elsewhere = session;
    }

    /// A person who signs in in one tab is signed in in those that stand idle.
    pub(crate) fn look_elsewhere(&mut self, now: &Moment) -> bool {
        let idle = self.is_idle();
        let session = self.elsewhere.take_if(|_| idle);
        let taken = session.is_some();
        if taken {
            self.take_over(session, now);
        }
        taken
    }

    /// A tab that was busy meanwhile follows when nothing is left to say of that; not with the input
    /// that has led there, which has an end of its own.
    pub(crate) fn follow_elsewhere(&mut self, now: &Moment) {
        let follows = self.elsewhere.is_some() && self.is_idle() && self.error.is_none();
        if !follows {
            self.follows = Deadline::NEVER;
        } else if self.follows.is_never() {
            let wait = match self.elsewhere_is_known() {
                true => 1.0,
                false => UNKNOWN_MS,
            };
            self.follows = Deadline::after(now, wait);
        }
    }

    fn elsewhere_is_known(&self) -> bool {
        self.elsewhere
            .as_deref()
            .is_some_and(Session::user_is_known)
    }

    fn take_over(&mut self, session: Option<Box<Session>>, now: &Moment) {
        self.end_offer();
        self.known.session = session;
        self.known.drop_held();
        self.mark_saved(Slot::Session);
        self.follow(Next::go(Step::SignedIn(SignedIn)), now);
        self.ask_who(now);
    }
}
