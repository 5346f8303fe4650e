//! What is printed at the start: the address, the ids, and lines to paste.

use crate::Created;

/// The line for people: where the window is.
pub(crate) fn window(endpoint: &str) -> String {
    format!("{endpoint}/_pool/ shows users, messages and codes in a browser\n")
}

/// Lines for one user pool at `endpoint`.
pub(crate) fn lines(endpoint: &str, region: &str, created: &Created) -> String {
    let pool = &created.user_pool_id;
    let Some(client) = created.client_ids.first() else {
        return format!(
            "\nuser pool   {pool} (no app client: make one with CreateUserPoolClient)\n"
        );
    };
    format!(
        r#"
user pool   {pool}
app client  {}

boto3
  boto3.client("cognito-idp", endpoint_url="{endpoint}", region_name="{region}",
               aws_access_key_id="local", aws_secret_access_key="local")

AWS CLI
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION={region}
  aws --endpoint-url {endpoint} cognito-idp describe-user-pool --user-pool-id {pool}

Amplify
  Amplify.configure({{ Auth: {{ Cognito: {{ userPoolId: "{pool}",
    userPoolClientId: "{client}", userPoolEndpoint: "{endpoint}" }} }} }});

cognito-flow
  await createFlow({{ userPoolId: "{pool}", clientId: "{client}",
    endpoint: "{endpoint}" }});
"#,
        created.client_ids.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_address_are_in_every_snippet() {
        let mut created = Created {
            user_pool_id: "eu-west-1_A".to_owned(),
            client_ids: vec!["client1".to_owned(), "client2".to_owned()],
        };
        let text = lines("http://127.0.0.1:9229", "eu-west-1", &created);
        assert_eq!(text.matches("http://127.0.0.1:9229").count(), 4);
        assert!(text.contains("app client  client1, client2\n"));
        created.client_ids.clear();
        assert!(lines("http://x", "eu-west-1", &created).contains("no app client"));
    }
}
