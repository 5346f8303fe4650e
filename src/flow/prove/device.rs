//! The device, where it takes the place of a second factor: proven by SRP, as a password is.

use crate::{
    error::{Code, FlowError},
    flow::{
        awaiting::Expect,
        calls::Answer,
        challenge,
        next::{Cx, Next},
        prove::{Prover, proof_for},
        sign_in::SignIn,
    },
    protocol::{self, operation},
    secret::Secret,
    srp::Handshake,
};

pub(crate) const DEVICE_SRP_AUTH: &str = "DEVICE_SRP_AUTH";
const DEVICE_PASSWORD_VERIFIER: &str = "DEVICE_PASSWORD_VERIFIER";

/// After the answer to `DEVICE_SRP_AUTH`.
pub(crate) struct ExpectDeviceVerifier {
    sign_in: SignIn,
    handshake: Handshake,
}

/// After the device's proof.
pub(crate) struct ExpectDeviceProven {
    sign_in: SignIn,
}

/// The pool asks for the device that it was told of.
pub(crate) fn begin(sign_in: SignIn, session: &Secret, cx: &mut Cx<'_>) -> Next {
    if sign_in.device.is_none() {
        return unknown(DEVICE_SRP_AUTH, sign_in, cx);
    }
    let handshake = Handshake::new(*cx.now.random.exponent());
    let mut body = challenge::response(DEVICE_SRP_AUTH, Some(session), &sign_in);
    body.string("SRP_A", &handshake.public_key_hex()).close();
    let expect = Expect::DeviceVerifier(ExpectDeviceVerifier { sign_in, handshake });
    Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
}

/// Nothing that can be answered.
fn unknown(name: &str, sign_in: SignIn, cx: &mut Cx<'_>) -> Next {
    let mut error = FlowError::from(Code::Server);
    error.server = protocol::plain_name(name);
    sign_in.failed(error, cx)
}

impl ExpectDeviceVerifier {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let Self {
            mut sign_in,
            handshake,
        } = self;
        let reply = match answer {
            Ok(reply) => reply,
            Err(failed) => return sign_in.refused(failed, cx),
        };
        let name = reply.string("ChallengeName").unwrap_or_default();
        if name != DEVICE_PASSWORD_VERIFIER {
            return unknown(&name, sign_in, cx);
        }
        let key = sign_in.device.clone().unwrap_or_default();
        // Another tab may have forgotten it meanwhile.
        let Some((group, secret)) = cx.known.devices.secret_of(&key) else {
            return sign_in.again_without_device(cx);
        };
        sign_in.learn(&name, reply, cx);
        sign_in.device = Some(key.clone());
        let prover = Prover {
            group: &group,
            id: &key,
            password: &secret,
        };
        match proof_for(&name, reply, &sign_in, handshake, &prover, cx.now) {
            Some(body) => {
                let expect = Expect::DeviceProven(ExpectDeviceProven { sign_in });
                Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
            }
            None => sign_in.failed(Code::Server.into(), cx),
        }
    }
}

impl ExpectDeviceProven {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        match answer {
            Ok(reply) => self.sign_in.proven(reply, cx),
            // Nobody has typed anything wrong: what is kept of the device is of no use.
            Err(failed) if failed.error.code == Code::WrongCredentials => {
                self.sign_in.again_without_device(cx)
            }
            Err(failed) => self.sign_in.refused(failed, cx),
        }
    }
}
