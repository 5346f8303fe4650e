// The window for people, in Chromium: what it shows is what happens, as text, at the width of a phone too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { person, startServer } from "./server.mjs";

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await chromium.launch({
    executablePath: process.env.CHROME || "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
  });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function call(operation, input) {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
  };
  const reply = await fetch(server.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  assert.equal(reply.status, 200, operation);
  return reply.json();
}

test("a sign-up is seen as it happens, and the clock put forward", async () => {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const faults = [];
  page.on("console", (line) => ["error", "warning"].includes(line.type()) && faults.push(line.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.endpoint) && !request.url().startsWith("data:")) faults.push(request.url());
  });
  await page.goto(`${server.endpoint}/_pool/`);
  await page.getByText("Nothing was sent yet.").waitFor();

  const { UserPools } = await call("ListUserPools", { MaxResults: 60 });
  const pool = UserPools.find(({ Id }) => Id === "eu-west-1_Optional");
  await page.getByLabel("of").selectOption(pool.Id);
  const somebody = person();
  const UserAttributes = [
    { Name: "email", Value: somebody.email },
    { Name: "phone_number", Value: somebody.phone },
    { Name: "name", Value: "<img src=x onerror=document.title='owned'>" },
  ];
  const { username: Username, password: Password } = somebody;
  await call("SignUp", { ClientId: "optional0client0000000000", Username, Password, UserAttributes });

  // Nothing is loaded anew: it comes by itself.
  const message = page.locator("#messages li").first();
  await message.getByText(somebody.phone).waitFor();
  assert.equal(await message.locator(".code").textContent(), await server.code(somebody.phone));
  await page.locator("#deliveries li").first().getByText("delivered by sms").waitFor();
  const user = page.locator("#users details", { hasText: Username });
  await user.getByText("UNCONFIRMED").waitFor();
  await user.locator("summary").click();
  // What somebody typed stays text, and what nobody may see is not there.
  await user.getByText("<img src=x").waitFor();
  assert.equal(await page.title(), "cognito-pool");
  assert.ok(!(await page.content()).includes(Password));

  const before = Date.parse(await page.locator("#now").getAttribute("datetime"));
  await page.getByRole("button", { name: "1 day on" }).click();
  const until = Date.now() + 20_000;
  while (Date.parse(await page.locator("#now").getAttribute("datetime")) < before + 86_000_000) {
    assert.ok(Date.now() < until, "the clock did not move");
    await page.waitForTimeout(50);
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `${width} pixels wide`);
  if (process.env.SHOTS) {
    await page.screenshot({ path: `${process.env.SHOTS}/window-phone.png`, fullPage: true });
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.screenshot({ path: `${process.env.SHOTS}/window-desktop.png`, fullPage: true });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.screenshot({ path: `${process.env.SHOTS}/window-dark.png`, fullPage: true });
  }
  assert.deepEqual(faults, []);
  await page.close();
});
