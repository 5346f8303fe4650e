// Requests as a client of AWS sends them, for servers that look at the service and not at the signature.

/** An `Authorization` that names the service. */
export function authorizationFor(service) {
  const scope = `20260101/us-east-1/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=none`;
}

/** The headers of an operation of user pools. */
export function headersOf(operation) {
  return {
    authorization: authorizationFor("cognito-idp"),
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
  };
}
