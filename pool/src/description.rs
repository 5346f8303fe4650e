//! User pools described in files.

#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Pool;
use crate::money::{MicroUsd, Prices};

/// What a file describes: a user pool as [`Pool::create_user_pool`] takes it, and beside it the
/// money of the account.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    /// `[Sms]`: settings of the account, not of the pool.
    #[serde(rename = "Sms", default)]
    sms: SmsSettings,
    #[serde(flatten)]
    pool: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SmsSettings {
    /// What the account may spend in a month, in whole dollars; 1 where nothing says otherwise.
    monthly_spend_limit: Option<u64>,
    /// The price list, in millionths of a dollar.
    prices: Option<Prices>,
}

impl Description {
    /// Reads JSON.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn of_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Reads `text`; `path` tells TOML (`.toml`) from JSON (anything else).
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, String> {
        if path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("toml"))
        {
            toml::from_str(text).map_err(|error| error.to_string())
        } else {
            serde_json::from_str(text).map_err(|error| error.to_string())
        }
    }

    /// The pool of somebody who has described none: MFA is each user's choice, by SMS or app, phone
    /// and email are verified, and there is managed login for pages of this machine.
    pub(crate) fn built_in(region: &str) -> Self {
        let sms = json!({
            "SnsCallerArn": "arn:aws:iam::123456789012:role/service-role/local-sms",
            "ExternalId": "local",
        });
        // Where development servers usually are.
        let pages = [3000, 5173, 8080].map(|port| format!("http://localhost:{port}/"));
        let scopes = [
            "openid",
            "email",
            "phone",
            "profile",
            "aws.cognito.signin.user.admin",
        ];
        let pool = json!({
            "Id": format!("{region}_LocalPool"),
            "PoolName": "local",
            "Domain": "local",
            "IdentityProviders": [{
                "ProviderName": "Google",
                "ProviderType": "Google",
                "ProviderDetails": { "client_id": "local", "authorize_scopes": "openid email" },
            }],
            "AutoVerifiedAttributes": ["email", "phone_number"],
            "SmsConfiguration": sms,
            "MfaConfig": {
                "MfaConfiguration": "OPTIONAL",
                "SmsMfaConfiguration": { "SmsConfiguration": sms },
                "SoftwareTokenMfaConfiguration": { "Enabled": true },
            },
            "Clients": [{
                "ClientId": "local0client0000000000000",
                "ClientName": "local",
                "ExplicitAuthFlows": [
                    "ALLOW_USER_SRP_AUTH",
                    "ALLOW_USER_PASSWORD_AUTH",
                    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                    "ALLOW_REFRESH_TOKEN_AUTH",
                ],
                "CallbackURLs": pages,
                "LogoutURLs": pages,
                "AllowedOAuthFlowsUserPoolClient": true,
                "AllowedOAuthFlows": ["code"],
                "AllowedOAuthScopes": scopes,
                "SupportedIdentityProviders": ["COGNITO", "Google"],
            }],
        });
        Self {
            sms: SmsSettings::default(),
            pool: pool.as_object().cloned().unwrap_or_default(),
        }
    }

    /// What there is of it already, in a service that was kept: the pool of that id or, where none is
    /// given, of that name.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn found(&self, pool: &Pool) -> Option<crate::Created> {
        let text = |name: &str| self.pool.get(name).and_then(Value::as_str);
        pool.created(text("Id"), text("PoolName"))
    }

    /// Makes what is described; why not, where it cannot be.
    pub(crate) fn create(
        self,
        pool: &mut Pool,
        now: u64,
        randomness: &mut dyn crate::Randomness,
    ) -> Result<crate::Created, String> {
        if let Some(limit) = self.sms.monthly_spend_limit {
            pool.account_mut()
                .grant_monthly_spend(MicroUsd::from_usd(limit));
        }
        if let Some(prices) = self.sms.prices {
            pool.account_mut().set_prices(prices);
        }
        let description = Value::Object(self.pool);
        pool.create_user_pool(&description, now, randomness)
            .map_err(|error| error.to_string())
    }
}

#[cfg(all(test, feature = "server"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::{Options, SeededRandomness};

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = Description::parse(
            Path::new("a.TOML"),
            "PoolName = 'x'\n[Sms]\nMonthlySpendLimit = 5\nPrices.byPrefix.49 = 75000\n\
             [[Clients]]\nClientName = 'app'\n",
        )
        .unwrap();
        let json = Description::parse(
            Path::new("a.json"),
            r#"{"PoolName":"x","Sms":{"MonthlySpendLimit":5,"Prices":{"byPrefix":{"49":75000}}},
                "Clients":[{"ClientName":"app"}]}"#,
        )
        .unwrap();
        assert_eq!(format!("{toml:?}"), format!("{json:?}"));
    }

    #[test]
    fn mistakes_are_said() {
        let unknown = Description::parse(Path::new("a.toml"), "[Sms]\nLimit = 5").unwrap_err();
        assert!(unknown.contains("Limit"), "{unknown}");
        assert!(Description::parse(Path::new("a.json"), "PoolName = 'x'").is_err());
    }

    #[test]
    fn the_built_in_pool_can_be_made() {
        let mut pool = Pool::new(Options::new("us-east-1"));
        let created = Description::built_in("us-east-1")
            .create(&mut pool, 0, &mut SeededRandomness::new(1))
            .unwrap();
        assert_eq!(created.user_pool_id, "us-east-1_LocalPool");
        assert_eq!(created.client_ids, ["local0client0000000000000"]);
        assert_eq!(pool.account().spending().limit(), MicroUsd::from_usd(1));
    }
}
