//! What the client reads by itself: options, events, what is asked, a challenge of SRP. Here the text is
//! as it came, JSON or not: whatever it is, nothing panics, and an error is one that can be shown.

use cognito_flow::{
    Ask, Config, Event, FlowError,
    srp::{Challenge, Handshake},
};

/// A line `options`, `event` or the name of what is asked; the rest is the text.
pub(crate) fn values(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (name, json) = text.split_once('\n').unwrap_or(("event", text));
    let refused = match name {
        "options" => Config::read(json).err(),
        "event" => Event::read(json).err(),
        name => Ask::read(name, json).err(),
    };
    if let Some(error) = refused {
        shows(&error);
    }
}

/// A line each: the pool's name, the user's, salt, `SRP_B`, secret block, password, wall clock.
pub(crate) fn challenge(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let challenge = Challenge {
        pool_name: next(),
        user_id_for_srp: next(),
        salt_hex: next(),
        b_hex: next(),
        secret_block: next(),
    };
    let password = next();
    let wall = next().parse().unwrap_or(0.0);
    // Of one byte, since the time it takes is better spent on more challenges.
    let Ok(proof) = Handshake::new([3_u8]).prove(&challenge, password, wall) else {
        return;
    };
    assert_eq!(proof.signature.len(), 44, "32 bytes in base64");
    assert!(proof.timestamp.ends_with(char::is_numeric) && proof.timestamp.contains(" UTC "));
}

/// An error is JSON, and a text.
pub(crate) fn shows(error: &FlowError) {
    let shown: serde_json::Value = serde_json::from_str(&error.json()).expect("an error is JSON");
    assert!(shown["code"].is_string());
    assert!(!error.to_string().is_empty());
}
