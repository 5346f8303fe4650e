// The pool's side of SRP for one user: what it sends, and whether a proof is one.
//
// The replies are made once, before anything is measured, so that no client waits for them. Every
// proof that a client sends is checked afterwards: a client that computed something else, or
// nothing, ends the run.
import { createHash, createHmac, randomBytes } from "node:crypto";

/** The group and the encodings of Cognito's SRP, for who checks a client by them. */
export const N = BigInt(
  "0x" +
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" +
    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" +
    "98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb" +
    "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
    "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718" +
    "3995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33" +
    "a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7" +
    "abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864" +
    "d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e2" +
    "08e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
);
const G = 2n;

const POOL_NAME = "Benchmark";
export const SETTINGS = {
  region: "us-east-1",
  userPoolId: `us-east-1_${POOL_NAME}`,
  clientId: "1h57kf5cpq17m0eml12EXAMPLE",
  username: "alice",
  password: "correct Horse 7 battery",
};

/** The replies of a pool that has one user, by operation, and the check of a proof made with them. */
export function pool() {
  const salt = randomBytes(16);
  const secretBlock = randomBytes(1000);
  const k = number(sha256(integer(N), integer(G)));
  const identity = sha256(`${POOL_NAME}${SETTINGS.username}:${SETTINGS.password}`);
  const verifier = power(G, number(sha256(integer(number(salt)), identity)));
  const b = number(randomBytes(32));
  const B = (k * verifier + power(G, b)) % N;

  const challenge = {
    ChallengeName: "PASSWORD_VERIFIER",
    ChallengeParameters: {
      SALT: number(salt).toString(16),
      SECRET_BLOCK: secretBlock.toString("base64"),
      SRP_B: B.toString(16),
      USERNAME: SETTINGS.username,
      USER_ID_FOR_SRP: SETTINGS.username,
    },
  };
  const replies = {
    InitiateAuth: challenge,
    RespondToAuthChallenge: { AuthenticationResult: tokens(), ChallengeParameters: {} },
    GetUser: {
      Username: SETTINGS.username,
      UserAttributes: [
        { Name: "email", Value: "alice@example.com" },
        { Name: "email_verified", Value: "true" },
      ],
    },
    RevokeToken: {},
    GlobalSignOut: {},
  };

  const isProof = ({ SRP_A, PASSWORD_CLAIM_SIGNATURE, TIMESTAMP }) => {
    const A = BigInt(`0x${SRP_A}`);
    const u = sha256(integer(A), integer(B));
    const shared = power(A * power(verifier, number(u)), b);
    const extracted = hmac(integer(number(u)), integer(shared));
    const key = hmac(extracted, "Caldera Derived Key", Buffer.of(1)).subarray(0, 16);
    const signature = hmac(key, POOL_NAME, SETTINGS.username, secretBlock, TIMESTAMP);
    return signature.toString("base64") === PASSWORD_CLAIM_SIGNATURE;
  };
  return { replies, isProof };
}

/** Tokens that clients can read. Nobody here checks a signature. */
function tokens() {
  const now = Math.floor(Date.now() / 1000);
  const common = {
    sub: "6a5f0c4e-8d0e-4c4b-9a5d-0f3b7a2c1d9e",
    iss: `https://cognito-idp.${SETTINGS.region}.amazonaws.com/${SETTINGS.userPoolId}`,
    auth_time: now,
    iat: now,
    exp: now + 3600,
    jti: "0f0f0f0f-1111-4222-8333-444444444444",
  };
  const access = {
    ...common,
    token_use: "access",
    client_id: SETTINGS.clientId,
    scope: "aws.cognito.signin.user.admin",
    username: SETTINGS.username,
  };
  const id = {
    ...common,
    token_use: "id",
    aud: SETTINGS.clientId,
    "cognito:username": SETTINGS.username,
    email: "alice@example.com",
    email_verified: true,
  };
  return {
    AccessToken: jwt(access),
    IdToken: jwt(id),
    RefreshToken: randomBytes(600).toString("base64url"),
    ExpiresIn: 3600,
    TokenType: "Bearer",
  };
}

function jwt(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signature = randomBytes(256).toString("base64url");
  return `${part({ alg: "RS256", kid: "bench" })}.${part(claims)}.${signature}`;
}

export function power(base, exponent) {
  let result = 1n;
  let square = base % N;
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/** An integer as Cognito hashes it: two's complement, as short as possible. */
export function integer(value) {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (Number.parseInt(hex[0], 16) >= 8) hex = `00${hex}`;
  return Buffer.from(hex, "hex");
}

export function number(bytes) {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hmac(key, ...parts) {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
