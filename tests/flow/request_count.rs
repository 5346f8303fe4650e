//! The requests of each journey, in order: none that the journey does not need.

use serde_json::json;

use crate::{custom, device_proof, enrol, passkey_journeys, redirect, states::check, support::*};

/// What a person does, and what is sent for it.
struct Journey {
    name: &'static str,
    sent: Vec<String>,
}

fn clock() -> f64 {
    Clock::new().wall
}

fn verified() -> serde_json::Value {
    json!({ "email": EMAIL, "email_verified": "true" })
}

fn pool_with(attributes: serde_json::Value) -> LocalPool {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, attributes, clock());
    pool
}

fn signed_in() -> World {
    let mut world = World::with(&pool_with(verified()));
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    world.sent();
    world
}

fn journeys() -> Vec<Journey> {
    let mut journeys = Vec::new();
    let mut add = |name, sent| journeys.push(Journey { name, sent });

    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    world.send(confirm(&pool.code()));
    add("Sign up with an email, confirm, be signed in", world.sent());

    let pool = LocalPool::new();
    let mut world = World::with(&pool);
    world.send(sign_up(phone_and_email()));
    world.send(confirm(&pool.code()));
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    add(
        "Sign up with a phone number and an email, confirm by SMS, verify the email",
        world.sent(),
    );

    let pool = LocalPool::with_sms_mfa();
    let mut world = World::with(&pool);
    world.send(sign_up(phone_and_email()));
    world.send(confirm(&pool.code()));
    world.send(submit(&pool.code()));
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    add("The same where SMS is the second factor", world.sent());

    let mut world = World::with(&pool_with(verified()));
    world.send(sign_in());
    add("Sign in by SRP", world.sent());

    let options = json!({ "signInWith": "password" });
    let mut world = World::with_options(&pool_with(verified()), options);
    world.send(sign_in());
    add("Sign in by password", world.sent());

    let pool = LocalPool::with_sms_mfa();
    pool.add_user(USER, PASSWORD, json!({ "phone_number": PHONE }), clock());
    let mut world = World::with(&pool);
    world.send(sign_in());
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    add("Sign in by SRP with a code by SMS", world.sent());

    let mut world = World::with(&pool_with(phone_and_email()));
    world.send(sign_in());
    world.send(event("skipVerification"));
    world.send(event("skipVerification"));
    assert_eq!(world.step(), "signedIn");
    add(
        "Sign in with two unverified attributes, skip both",
        world.sent(),
    );

    let pool = LocalPool::new();
    let input = json!({
        "Username": USER, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
    });
    pool.admin("AdminCreateUser", input, clock());
    let mut world = World::with(&pool);
    world.send(sign_in());
    world.send(json!({ "type": "setNewPassword", "password": OTHER_PASSWORD }));
    assert_eq!(world.step(), "signedIn");
    add(
        "Sign in for the first time as a user whom an administrator made",
        world.sent(),
    );

    let pool = pool_with(verified());
    let mut world = World::with(&pool);
    world.send(forgot());
    world.send(reset(&pool.code()));
    assert_eq!(world.step(), "signedOut");
    add("Set a forgotten password anew", world.sent());

    let mut world = signed_in();
    world.reload();
    world.session().unwrap();
    add(
        "Load the page again while signed in, and ask for the tokens",
        world.sent(),
    );

    let mut world = signed_in();
    world.pass(HOUR);
    world.session().unwrap();
    add("Ask for the tokens when they have run out", world.sent());

    let mut world = signed_in();
    world.send(event("signOut"));
    add("Sign out", world.sent());

    let mut world = signed_in();
    world.send(json!({ "type": "signOut", "everywhere": true }));
    add("Sign out everywhere", world.sent());

    let pool = pool_with(verified());
    let mut world = World::with(&pool);
    world.send(sign_in());
    world.sent();
    let changed = json!({ "attributes": { "email": "new@example.com" } });
    world.call("updateAttributes", changed).unwrap();
    world.send(json!({ "type": "verifyAttribute", "attribute": "email" }));
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    add("Change the email and verify it", world.sent());

    let mut world = by_choice(&choice_pool());
    world.send(sign_in());
    add("Sign in by choice, with the password", world.sent());

    let pool = choice_pool();
    let mut world = by_choice(&pool);
    world.send(prefer("email"));
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    add("The same, with a code by email preferred", world.sent());

    let pool = choice_pool();
    let mut world = by_choice(&pool);
    world.send(begin());
    world.send(select("email"));
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    add("The same, with that chosen", world.sent());

    let mut world = by_choice(&choice_pool());
    world.send(begin());
    world.send(select("password"));
    world.send(give_password(PASSWORD));
    assert_eq!(world.step(), "signedIn");
    add(
        "The same, with the password chosen, then given",
        world.sent(),
    );

    let pool = choice_pool();
    let mut world = by_choice(&pool);
    let event = json!({ "type": "signUp", "username": "bob", "attributes": { "email": EMAIL } });
    world.send(event);
    world.send(confirm(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    add(
        "Sign up without a password, confirm by email, be signed in",
        world.sent(),
    );

    for (name, sent) in challenged() {
        add(name, sent);
    }
    let key = Authenticator::new(1, passkey_journeys::RELYING_PARTY);
    let mut world = passkey_journeys::at(&passkey_journeys::pool_with(json!({})));
    world.send(sign_in());
    world.sent();
    passkey_journeys::make(&mut world, &key);
    add("Make a passkey while signed in", world.sent());

    let mut world = passkey_journeys::left(world);
    passkey_journeys::by_passkey(&mut world, prefer("passkey"), &key);
    assert_eq!(world.step(), "signedIn");
    add("Sign in by a passkey", world.sent());

    let mut world = passkey_journeys::left(world);
    world.send(offer());
    world.give(&json!({}));
    world.answer_all();
    let credential = key.get(&world.prompts[0].options);
    world.give(&credential);
    world.run();
    assert_eq!(world.step(), "signedIn");
    add("The same, chosen in the field for the name", world.sent());

    for (name, sent) in by_redirect() {
        add(name, sent);
    }
    let tracked = json!({ "UserSessionTracking": "ENABLED" });
    let pool = LocalPool::with(json!({ "SessionConfiguration": tracked }), json!({}));
    pool.add_user(USER, PASSWORD, verified(), clock());
    let mut world = World::with(&pool);
    world.send(sign_in());
    world.sent();
    let factors = world.call("factors", json!({})).unwrap();
    assert_eq!(factors, json!(["password"]));
    add("Ask with what the person can begin", world.sent());
    let sessions = world.call("sessions", json!({})).unwrap();
    assert_eq!(sessions[0]["current"], true);
    add("List the person's sessions", world.sent());

    journeys
}

/// Sign-ins with the rarer challenges.
fn challenged() -> Vec<(&'static str, Vec<String>)> {
    let options = |way| json!({ "signInWith": way });
    let mut custom = World::with_options(&custom::pool(), options("custom"));
    custom.send(json!({ "type": "signIn", "username": USER }));
    custom.send(answer("6"));
    custom.send(answer("8"));

    let mut after_srp = World::with_options(&custom::pool(), options("customAfterSrp"));
    after_srp.send(sign_in());
    after_srp.send(answer("6"));
    after_srp.send(answer("8"));

    let mut totp = World::with(&enrol::pool());
    totp.send(sign_in());
    let code = enrol::code_of(&totp);
    totp.send(submit(&code));

    let pool = LocalPool::to_set_up_either();
    let mut email = World::with(&pool);
    email.send(sign_in());
    email.send(select("email"));
    email.send(json!({ "type": "setUpEmail", "email": EMAIL }));
    email.send(submit(&pool.code()));

    let mut device = device_proof::known_at(&device_proof::pool(), json!({}));
    device.send(sign_in());

    let app = json!({ "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": { "Enabled": true } });
    let pool = LocalPool::with(json!({ "MfaConfig": app }), json!({}));
    pool.add_user(USER, PASSWORD, verified(), clock());
    let mut signed_in = World::with(&pool);
    assert_eq!(signed_in.send(sign_in())["step"], "signedIn");
    signed_in.sent();
    let started = signed_in.call("startTotp", json!({})).unwrap();
    let code = crate::support::totp(started["secret"].as_str().unwrap(), signed_in.clock.wall);
    let confirmed = json!({ "code": code, "as": "off" });
    signed_in.call("confirmTotp", confirmed).unwrap();

    [
        ("Sign in by two custom challenges", custom),
        ("The same, after SRP", after_srp),
        ("Sign in by SRP and set an authenticator app up", totp),
        ("The same, with codes by email chosen instead", email),
        ("Sign in by SRP on a device that is known", device),
        ("Set an authenticator app up while signed in", signed_in),
    ]
    .map(|(name, mut world)| {
        assert_eq!(world.step(), "signedIn", "{name}");
        (name, world.sent())
    })
    .into()
}

/// What the pool's domain takes part in. `/oauth2/authorize` and `/logout` are addresses that the page
/// is led to.
fn by_redirect() -> [(&'static str, Vec<String>); 3] {
    let mut back = redirect::world();
    back.expect(redirect::TOKEN, ok(redirect::given(1)))
        .expect("GetUser", alices_attributes());
    back.come_back(redirect::back());
    back.run();
    assert_eq!(back.step(), "signedIn");

    let mut late = redirect::alice_from(redirect::world());
    late.pass(HOUR);
    late.expect(redirect::TOKEN, ok(redirect::given_again(2)));
    late.session().unwrap();

    let mut leaving = redirect::alice_from(redirect::world());
    leaving.expect("RevokeToken", done());
    leaving.send(event("signOut"));
    assert_eq!(leaving.left_for, [json!({})], "to /logout");

    [
        ("Come back from the pool's own pages", back.sent()),
        (
            "Ask for the tokens of such a session when they have run out",
            late.sent(),
        ),
        (
            "Sign out of such a session; the page then goes to `/logout`",
            leaving.sent(),
        ),
    ]
}

fn by_choice(pool: &LocalPool) -> World {
    World::with_options(pool, json!({ "signInWith": "choice" }))
}

fn choice_pool() -> LocalPool {
    let pool = LocalPool::with(
        json!({ "Policies": { "SignInPolicy": {
            "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } } }),
        json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH"] }),
    );
    pool.add_user(USER, PASSWORD, verified(), clock());
    pool
}

const OPEN: &str = "InitiateAuth USER_SRP_AUTH";
const CHOOSE: &str = "InitiateAuth USER_AUTH";
const CUSTOM: &str = "InitiateAuth CUSTOM_AUTH";
const ANSWER: &str = "RespondToAuthChallenge CUSTOM_CHALLENGE";
const SET_UP: &str = "RespondToAuthChallenge MFA_SETUP";
const PROVE: &str = "RespondToAuthChallenge PASSWORD_VERIFIER";
const SEND_CODE: &str = "GetUserAttributeVerificationCode";

#[test]
fn each_journey_sends_what_it_needs_and_no_more() {
    let expected: [&[&str]; 33] = [
        &["SignUp", "ConfirmSignUp", OPEN, PROVE, "GetUser"],
        &[
            "SignUp",
            "ConfirmSignUp",
            OPEN,
            PROVE,
            "GetUser",
            SEND_CODE,
            "VerifyUserAttribute",
        ],
        &[
            "SignUp",
            "ConfirmSignUp",
            OPEN,
            PROVE,
            "RespondToAuthChallenge SMS_MFA",
            "GetUser",
            SEND_CODE,
            "VerifyUserAttribute",
        ],
        &[OPEN, PROVE, "GetUser"],
        &["InitiateAuth USER_PASSWORD_AUTH", "GetUser"],
        &[OPEN, PROVE, "RespondToAuthChallenge SMS_MFA", "GetUser"],
        &[OPEN, PROVE, "GetUser", SEND_CODE, SEND_CODE],
        &[
            OPEN,
            PROVE,
            "RespondToAuthChallenge NEW_PASSWORD_REQUIRED",
            "GetUser",
        ],
        &["ForgotPassword", "ConfirmForgotPassword"],
        &[],
        &["InitiateAuth REFRESH_TOKEN_AUTH"],
        &["RevokeToken"],
        &["GlobalSignOut"],
        &["UpdateUserAttributes", "GetUser", "VerifyUserAttribute"],
        &[CHOOSE, PROVE, "GetUser"],
        &[CHOOSE, "RespondToAuthChallenge EMAIL_OTP", "GetUser"],
        &[
            CHOOSE,
            "RespondToAuthChallenge SELECT_CHALLENGE",
            "RespondToAuthChallenge EMAIL_OTP",
            "GetUser",
        ],
        &[
            CHOOSE,
            "RespondToAuthChallenge SELECT_CHALLENGE",
            PROVE,
            "GetUser",
        ],
        &["SignUp", "ConfirmSignUp", CHOOSE, "GetUser"],
        &[CUSTOM, ANSWER, ANSWER, "GetUser"],
        &[CUSTOM, PROVE, ANSWER, ANSWER, "GetUser"],
        &[
            OPEN,
            PROVE,
            "AssociateSoftwareToken",
            "VerifySoftwareToken",
            SET_UP,
            "GetUser",
        ],
        &[
            OPEN,
            PROVE,
            SET_UP,
            "RespondToAuthChallenge EMAIL_OTP",
            "GetUser",
        ],
        &[
            OPEN,
            PROVE,
            "RespondToAuthChallenge DEVICE_SRP_AUTH",
            "RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER",
            "GetUser",
        ],
        &["AssociateSoftwareToken", "VerifySoftwareToken"],
        &["StartWebAuthnRegistration", "CompleteWebAuthnRegistration"],
        &[CHOOSE, "RespondToAuthChallenge WEB_AUTHN", "GetUser"],
        &[CHOOSE, "RespondToAuthChallenge WEB_AUTHN", "GetUser"],
        &[redirect::TOKEN, "GetUser"],
        &[redirect::TOKEN],
        &["RevokeToken"],
        &["GetUserAuthFactors"],
        &["ListUserSessions"],
    ];
    let journeys = journeys();
    assert_eq!(journeys.len(), expected.len());
    for (journey, expected) in journeys.iter().zip(expected) {
        assert_eq!(journey.sent, expected, "{}", journey.name);
    }
    check("requests.md", &document(&journeys));
}

fn document(journeys: &[Journey]) -> String {
    let mut text = String::from(
        "# The requests of each journey\n\n\
         You want to know what goes over the wire: what is sent to the user pool, in order, when nothing goes \
         wrong.\nThe tests hold each list exactly.\n\n| journey | requests | |\n|---|---:|---|\n",
    );
    for journey in journeys {
        let sent: Vec<_> = journey
            .sent
            .iter()
            .map(|sent| format!("`{sent}`"))
            .collect();
        let line = format!(
            "| {} | {} | {} |\n",
            journey.name,
            sent.len(),
            sent.join(", ")
        );
        text.push_str(&line);
    }
    text
}
