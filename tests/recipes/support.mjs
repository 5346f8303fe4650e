// Loaded into the servers of the recipes (`node --import`): what they ask of Cognito, by its own address, is
// answered by the local pool. Their code stays as it is in production.
import https from "node:https";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";

const COGNITO = /^https:\/\/cognito-idp\.[\w-]+\.amazonaws\.com/;
const real = https.request;

https.request = (address, ...others) => {
  const asked = String(address);
  if (!COGNITO.test(asked)) return real(address, ...others);
  return http.request(asked.replace(COGNITO, process.env.LOCAL_POOL), ...others);
};
syncBuiltinESMExports();
