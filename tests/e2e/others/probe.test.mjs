import { against, ALICE, PASSWORD, WRONG_PASSWORD } from "./support.mjs";
const which = process.env.PROBE;
const { admin, pool, clientTest } = against(which);
const log = (...x) => console.log(...x.map((y) => (typeof y === "string" ? y : JSON.stringify(y))));
const run = (name, body) => clientTest(name, async (open) => {
  console.log(`\n##### ${which}: ${name}`);
  await body(async (o) => {
    const f = await open(o);
    return { ...f, send: async (e) => { const s = await f.send(e).catch((x)=>{ const m=x.message.slice(0,110); log("  ",e.type,"REJECT",m); return {step:"?"}; }); if (s.step==="?") return s; const {step,error,username,...r}=s; log("  ", e.type, "->", step, error, r); return s; },
      session: async () => log("   session ->", await f.session().then((x)=>({...x, accessToken:x.accessToken.slice(0,10), idToken:x.idToken.slice(0,10)}), (e)=>e.message.slice(0,300))),
      account: async (...a) => log("   account", ...a, "->", await f.account(...a).catch((e)=>e.message.slice(0,300))) };
  }).catch((e) => console.log("THROWN", e.message.slice(0,500)));
});
const AV = ["email","phone_number"];
for (const how of ["srp","password"]) {
 for (const av of [AV, ["email"]]) run(`sign-up ${how} auto ${av}`, async (open) => {
  const p = await pool({ AutoVerifiedAttributes: av });
  const f = await open({ ...p, signInWith: how });
  await f.send({ type: "signUp", ...ALICE });
  await f.send({ type: "cancel" });
  await f.send({ type: "signIn", username: "alice", password: PASSWORD });
  await f.send({ type: "resendCode" });
  await f.send({ type: "confirmSignUp", code: "999999" });
  let s = await f.send({ type: "confirmSignUp", code: "123456" });
  for (let i=0;i<2 && s.step==="verifyAttribute";i++) {
    if (s.delivery) { await f.send({type:"submitCode", code:"999999"}); s = await f.send({type:"submitCode", code:"123456"}); }
    if (s.step==="verifyAttribute") s = await f.send({type:"skipVerification"});
  }
  await f.session();
  await f.account("mfaPreference");
  await f.account("updateAttributes", { email: "new@example.com" });
  await f.account("setMfaPreference", { sms: "preferred" });
  await f.account("changePassword", WRONG_PASSWORD, "Other-Horse-8");
  await f.account("changePassword", PASSWORD, "Other-Horse-8");
  await f.send({ type: "signOut", everywhere: true });
  s = await f.send({ type: "signIn", username: "alice", password: "Other-Horse-8" });
  if (s.step==="mfaCode") { await f.send({type:"submitCode",code:"999999"}); await f.send({type:"submitCode",code:"123456"}); }
  await f.send({ type: "signOut" });
  await f.send({ type: "cancel" }).catch(()=>{});
  await f.send({ type: "signIn", username: "alice", password: WRONG_PASSWORD });
  await f.send({ type: "signIn", username: "nobody", password: WRONG_PASSWORD });
  await f.send({ type: "signUp", ...ALICE });
  await f.send({ type: "forgotPassword", username: "alice" });
  await f.send({ type: "resetPassword", code: "999999", password: PASSWORD });
  await f.send({ type: "resetPassword", code: "654321", password: PASSWORD });
  await f.send({ type: "resetPassword", code: "123456", password: PASSWORD }).catch(()=>{});
  await f.send({ type: "signIn", username: "alice", password: PASSWORD });
  log("  ", f.operations().join(" "));
 });
 run(`admin created ${how}`, async (open) => {
  const p = await pool();
  await admin("AdminCreateUser", { UserPoolId: p.userPoolId, Username: "bob", TemporaryPassword: "Temporary-1", MessageAction: "SUPPRESS", UserAttributes: [{ Name: "email", Value: "bob@example.com" }, { Name: "email_verified", Value: "true" }] });
  const f = await open({ ...p, signInWith: how });
  await f.send({ type: "signIn", username: "bob", password: "Temporary-1" });
  await f.send({ type: "setNewPassword", password: "short" });
  await f.send({ type: "setNewPassword", password: PASSWORD });
  log("  ", f.operations().join(" "));
 });
 run(`sms mfa ${how}`, async (open) => {
  const p = await pool();
  await admin("SetUserPoolMfaConfig", { UserPoolId: p.userPoolId, MfaConfiguration: "ON", SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: "arn:aws:iam::123456789012:role/sms" } } }).catch((e)=>log("mfaconfig", e.message.slice(0,200)));
  await admin("AdminCreateUser", { UserPoolId: p.userPoolId, Username: "bob", TemporaryPassword: "Temporary-1", MessageAction: "SUPPRESS", UserAttributes: [{ Name: "phone_number", Value: "+12025550199" }, { Name: "phone_number_verified", Value: "true" }] });
  await admin("AdminSetUserPassword", { UserPoolId: p.userPoolId, Username: "bob", Password: PASSWORD, Permanent: true }).catch((e)=>log(e.message.slice(0,200)));
  await admin("AdminSetUserMFAPreference", { UserPoolId: p.userPoolId, Username: "bob", SMSMfaSettings: { Enabled: true, PreferredMfa: true } }).catch((e)=>log(e.message.slice(0,200)));
  const f = await open({ ...p, signInWith: how, verify: { when: "never" } });
  await f.send({ type: "signIn", username: "bob", password: PASSWORD });
  await f.send({ type: "submitCode", code: "999999" }).catch((e)=>log(e.message));
  await f.send({ type: "submitCode", code: "123456" }).catch((e)=>log(e.message));
  await f.send({ type: "signOut" }).catch((e)=>log(e.message));
  log("  ", f.operations().join(" "));
 });
}
