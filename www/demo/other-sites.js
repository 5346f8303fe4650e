// What the demo's pool needs for signing in on other sites.
import { PROVIDER } from "./setup.js";

/** A domain and an identity provider, where there are none yet. They stay; the client lets them be used. */
export async function makeOtherSites(aws, userPoolId) {
  const { UserPool } = await aws.cognito("DescribeUserPool", { UserPoolId: userPoolId });
  if (UserPool.Domain) return;
  await aws.cognito("CreateIdentityProvider", {
    UserPoolId: userPoolId,
    ProviderName: PROVIDER,
    ProviderType: "OIDC",
    ProviderDetails: {
      client_id: "demo",
      client_secret: "of-the-demo",
      authorize_scopes: "openid email",
      oidc_issuer: "https://provider.invalid",
      attributes_request_method: "GET",
    },
    AttributeMapping: { email: "email" },
  });
  const name = userPoolId.split("_").pop().toLowerCase();
  await aws.cognito("CreateUserPoolDomain", { UserPoolId: userPoolId, Domain: `demo-${name}` });
}
