//! The user pools of fakecloud, without its hundred other services, which take long to compile:
//! `fakecloud-user-pool PORT` serves them on 127.0.0.1 by fakecloud's own dispatch.
//!
//! Two things are added: CORS, which fakecloud does not have and a browser asks for; and
//! `GET /codes/{pool}/{username}`, the codes that it made, which it sends nowhere.

use std::{collections::BTreeMap, error::Error, net::SocketAddr, sync::Arc};

use axum::{
    Extension, Json, Router,
    extract::{Path, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use fakecloud_cognito::{CognitoService, SharedCognitoState};
use fakecloud_core::{
    dispatch::{DispatchConfig, dispatch},
    multi_account::MultiAccountState,
    registry::ServiceRegistry,
};
use parking_lot::RwLock;

const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("which port?")?.parse()?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let accounts = MultiAccountState::new(ACCOUNT, REGION, &format!("http://{address}"));
    let state: SharedCognitoState = Arc::new(RwLock::new(accounts));

    let mut registry = ServiceRegistry::new();
    registry.register(Arc::new(CognitoService::new(state.clone())));
    let app = Router::new()
        .route("/codes/{pool}/{username}", get(codes))
        .with_state(state)
        .fallback(dispatch)
        .layer(Extension(Arc::new(registry)))
        .layer(Extension(Arc::new(DispatchConfig::new(REGION, ACCOUNT))))
        .layer(from_fn(cors));
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .await?;
    Ok(())
}

/// What somebody would have been sent last, by what it is for.
async fn codes(
    State(state): State<SharedCognitoState>,
    Path((pool, username)): Path<(String, String)>,
) -> Result<Json<BTreeMap<String, String>>, StatusCode> {
    let accounts = state.read();
    let account = accounts.get(ACCOUNT);
    let user = account.and_then(|account| account.users.get(&pool)?.get(&username));
    let user = user.ok_or(StatusCode::NOT_FOUND)?;
    let mut codes = user.attribute_verification_codes.clone();
    if let Some(code) = &user.confirmation_code {
        codes.insert("confirmation".into(), code.clone());
    }
    let sessions = account
        .into_iter()
        .flat_map(|account| account.sessions.values());
    for session in sessions.filter(|session| session.username == username) {
        if let ("SMS_MFA", Some(code)) =
            (session.challenge_name.as_str(), &session.challenge_metadata)
        {
            codes.insert("SMS_MFA".into(), code.clone());
        }
    }
    Ok(Json(codes))
}

async fn cors(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static("*"));
    }
    response
}
