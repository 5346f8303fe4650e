//! Challenges that the machine answers by itself.

pub(crate) mod ahead;
pub(crate) mod device;
pub(crate) mod password;

use crate::{
    fields::Fields,
    flow::{challenge, sign_in::SignIn},
    json::Object,
    protocol,
    secret::{Secret, Text},
    srp::{self, Handshake},
    time::Moment,
};

/// Who proves by SRP that they know a password: a user of a pool, or a device of its group.
struct Prover<'a> {
    group: &'a str,
    id: &'a str,
    password: &'a Secret,
}

/// The answer to the challenge of this name, with the proof; nothing if the challenge has values that
/// no honest pool sends.
fn proof_for(
    name: &str,
    reply: Fields<'_>,
    sign_in: &SignIn,
    handshake: Handshake,
    prover: &Prover<'_>,
    now: &Moment,
) -> Option<Object> {
    let parameters = reply.object("ChallengeParameters")?;
    // What is missing is empty, and refused.
    let parameter = |name| -> Text { parameters.string(name).unwrap_or_default() };
    let secret_block = parameter("SECRET_BLOCK");
    let challenge = srp::Challenge {
        pool_name: prover.group,
        user_id_for_srp: prover.id,
        salt_hex: &parameter("SALT"),
        b_hex: &parameter("SRP_B"),
        secret_block: &secret_block,
    };
    let proof = handshake.prove(&challenge, prover.password.secret(), now.wall);
    let proof = proof.ok()?;
    let session = protocol::secret(reply, "Session");
    let mut body = challenge::response(name, session.as_ref(), sign_in);
    body.string("PASSWORD_CLAIM_SIGNATURE", &proof.signature)
        .string("PASSWORD_CLAIM_SECRET_BLOCK", &secret_block)
        .string("TIMESTAMP", &proof.timestamp)
        .close();
    Some(body)
}
