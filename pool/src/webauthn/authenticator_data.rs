//! `authenticatorData` (§6.1): what the authenticator itself signs.

use ciborium::Value as Cbor;

use super::{Fault, RelyingParty, sha256};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

const LONGEST_ID: usize = 1023;

/// A new credential in it.
pub(super) struct NewCredential {
    pub(super) id: Vec<u8>,
    /// A COSE key.
    pub(super) key: Cbor,
}

pub(super) struct AuthenticatorData {
    relying_party: [u8; 32],
    user_present: bool,
    pub(super) user_verified: bool,
    backed_up_unless_eligible: bool,
    pub(super) counter: u32,
    pub(super) credential: Option<NewCredential>,
}

impl AuthenticatorData {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        read(bytes).ok_or(Fault::Malformed("authenticatorData"))
    }

    /// Whether it is for this relying party, and by a person who was there.
    pub(super) fn check(&self, relying_party: &RelyingParty<'_>) -> Result<(), Fault> {
        if self.relying_party != sha256(relying_party.id.as_bytes()) {
            return Err(Fault::RelyingParty);
        }
        if !self.user_present {
            return Err(Fault::NotSupported("nobody was present"));
        }
        if relying_party.requires_verification && !self.user_verified {
            return Err(Fault::NotSupported("the user was not verified"));
        }
        if self.backed_up_unless_eligible {
            return Err(Fault::NotSupported("its flags contradict each other"));
        }
        Ok(())
    }
}

fn read(bytes: &[u8]) -> Option<AuthenticatorData> {
    let mut rest = bytes;
    let relying_party = *take::<32>(&mut rest)?;
    let [flags] = *take::<1>(&mut rest)?;
    let counter = u32::from_be_bytes(*take::<4>(&mut rest)?);
    let is_set = |flag: u8| flags & flag != 0;
    let credential = if is_set(HAS_CREDENTIAL) {
        Some(read_credential(&mut rest)?)
    } else {
        None
    };
    if is_set(HAS_EXTENSIONS) {
        ciborium::from_reader::<Cbor, _>(&mut rest)
            .ok()?
            .into_map()
            .ok()?;
    }
    rest.is_empty().then_some(AuthenticatorData {
        relying_party,
        user_present: is_set(USER_PRESENT),
        user_verified: is_set(USER_VERIFIED),
        backed_up_unless_eligible: is_set(BACKED_UP) && !is_set(BACKUP_ELIGIBLE),
        counter,
        credential,
    })
}

fn read_credential(rest: &mut &[u8]) -> Option<NewCredential> {
    let _model: &[u8; 16] = take(rest)?;
    let length = usize::from(u16::from_be_bytes(*take::<2>(rest)?));
    let (id, after) = rest.split_at_checked(length)?;
    *rest = after;
    let key = ciborium::from_reader(&mut *rest).ok()?;
    (1..=LONGEST_ID).contains(&length).then(|| NewCredential {
        id: id.to_vec(),
        key,
    })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(first)
}
