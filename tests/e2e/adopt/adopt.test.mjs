// Somebody who has signed in with Amplify, or with identity-js, is signed in with ours, and still with
// theirs where that was not taken away.
import assert from "node:assert/strict";
import { movingTest } from "./support.mjs";

const STORAGES = ["local", "session", "cookies"];

for (const storage of STORAGES) {
  movingTest(`Amplify, tokens in ${storage}: over, and back`, async ({ tab, run }) => {
    const page = await tab();
    const seen = await run(
      page,
      async ({ settings, who, more }) => {
        const auth = amplify(settings, more);
        await auth.signIn(who);
        const adopted = await adopt(settings);
        const { flow, calls } = await open(settings);
        const { username, step, attributes } = flow.snapshot();
        const isRefreshed = async () => {
          const before = (await flow.session()).accessToken;
          return (await flow.session({ refresh: true })).accessToken !== before;
        };
        const first = calls.slice();
        const { tokens } = await auth.fetchAuthSession({ forceRefresh: true });
        return {
          adopted, step, username, email: attributes.email, first,
          theirs: tokens !== undefined && (await auth.getCurrentUser()).username,
          ours: await isRefreshed(),
          again: (await adopt(settings)).session,
        };
      },
      storage,
    );
    assert.deepEqual(seen, {
      adopted: { session: "adopted", username: "ann", devices: 0 },
      step: "signedIn",
      username: "ann",
      email: "ann@example.com",
      first: ["GetUser"],
      theirs: "ann",
      ours: true,
      again: "present",
    });
  });

  movingTest(`identity-js, tokens in ${storage}: over, and back`, async ({ tab, run }) => {
    const page = await tab();
    const seen = await run(
      page,
      async ({ settings, who, more }) => {
        const client = identityJs(settings, more);
        await client.signIn(who);
        const adopted = await adopt(settings);
        const { flow } = await open(settings);
        return {
          adopted,
          step: flow.snapshot().step,
          theirs: await client.refreshed(),
          ours: (await flow.session({ refresh: true })).accessToken.length > 100,
        };
      },
      storage,
    );
    const adopted = { session: "adopted", username: "ann", devices: 0 };
    assert.deepEqual(seen, { adopted, step: "signedIn", theirs: true, ours: true });
  });

  movingTest(`theirs is taken away from ${storage} when that is asked for, and nothing else`, async ({ tab, run }) => {
    const page = await tab();
    const seen = await run(
      page,
      async ({ settings, who, more }) => {
        localStorage.setItem("mine", "1");
        localStorage.setItem(`CognitoIdentityServiceProvider.${settings.clientId}.bob.accessToken`, "bob's");
        localStorage.setItem("CognitoIdentityServiceProvider.another.LastAuthUser", "ann");
        document.cookie = "mine=1; path=/";
        const auth = amplify(settings, more);
        await auth.signIn(who);
        const { session } = await adopt({ ...settings, remove: true });
        const left = theirs().map((name) => name.replace(settings.clientId, "client"));
        const isTheirs = await auth.getCurrentUser().then(() => true, () => false);
        const { flow } = await open(settings);
        await flow.session({ refresh: true });
        return { session, left, isTheirs, step: flow.snapshot().step, mine: [localStorage.mine, document.cookie] };
      },
      storage,
    );
    assert.deepEqual(seen, {
      session: "adopted",
      left: [
        "CognitoIdentityServiceProvider.client.bob.accessToken",
        "CognitoIdentityServiceProvider.another.LastAuthUser",
      ].sort((a, b) => seen.left.indexOf(a) - seen.left.indexOf(b)),
      isTheirs: false,
      step: "signedIn",
      mine: ["1", "mine=1"],
    });
  });
}

for (const client of ["Amplify", "identity-js"]) {
  movingTest(
    `${client}: the device comes along, and stands for the second factor`,
    async ({ tab, run }) => {
      const page = await tab();
      const seen = await run(
        page,
        async ({ settings, who, more }) => {
          if (more === "Amplify") {
            const auth = amplify(settings);
            await auth.signIn(who);
            await auth.confirmSignIn({ challengeResponse: await readCode() });
          } else {
            await identityJs(settings).signIn(who, readCode);
          }
          const adopted = await adopt({ ...settings, remove: true });
          const left = theirs();
          const { flow, calls } = await open(settings);
          const { device } = flow.snapshot();
          await flow.session({ refresh: true });
          const { step } = await flow.send({ type: "signOut" });
          calls.length = 0;
          const back = await flow.send({ type: "signIn", ...who });
          return { adopted, left, device, steps: [step, back.step], calls };
        },
        client,
      );
      assert.deepEqual(seen, {
        adopted: { session: "adopted", username: "ann", devices: 1 },
        left: [],
        device: "remembered",
        steps: ["signedOut", "signedIn"],
        calls: [
          "InitiateAuth",
          "RespondToAuthChallenge",
          "RespondToAuthChallenge",
          "RespondToAuthChallenge",
          "GetUser",
        ],
      });
    },
    { devices: true },
  );
}

movingTest(
  "who is signed out brings the device alone",
  async ({ tab, run }) => {
    const page = await tab();
    const seen = await run(page, async ({ settings, who }) => {
      const auth = amplify(settings);
      await auth.signIn(who);
      await auth.confirmSignIn({ challengeResponse: await readCode() });
      await auth.signOut();
      const adopted = [await adopt(settings), await adopt(settings)];
      const { flow } = await open(settings);
      return { adopted, step: (await flow.send({ type: "signIn", ...who })).step };
    });
    const none = { session: "none", username: null };
    assert.deepEqual(seen, { adopted: [{ ...none, devices: 1 }, { ...none, devices: 0 }], step: "signedIn" });
  },
  { devices: true },
);

movingTest(
  "where refresh tokens are taken once, theirs is better taken away: ours goes on",
  async ({ tab, run }) => {
    const page = await tab();
    const seen = await run(page, async ({ settings, who }) => {
      await amplify(settings).signIn(who);
      await adopt({ ...settings, remove: true });
      const { flow } = await open(settings);
      await flow.session({ refresh: true });
      await flow.session({ refresh: true });
      return [flow.snapshot().step, theirs()];
    });
    assert.deepEqual(seen, ["signedIn", []]);
  },
  { rotates: true },
);

movingTest("tokens that have run out are refreshed, and nobody notices", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    const auth = amplify(settings);
    await auth.signIn(who);
    const now = Math.floor(Date.now() / 1000);
    for (const kind of ["accessToken", "idToken"]) {
      const key = `CognitoIdentityServiceProvider.${settings.clientId}.ann.${kind}`;
      localStorage.setItem(key, forged(localStorage.getItem(key), { exp: now - 60, iat: now - 3660 }));
    }
    const { session } = await adopt(settings);
    const { flow, calls } = await open(settings);
    const { tokens } = await auth.fetchAuthSession();
    return [session, flow.snapshot().attributes.email, calls, tokens !== undefined];
  });
  assert.deepEqual(seen, ["adopted", "ann@example.com", ["InitiateAuth", "GetUser"], true]);
});

movingTest("who signs out is not signed in again by what was left of theirs", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    const auth = amplify(settings);
    await auth.signIn(who);
    const results = [(await adopt(settings)).session];
    const { flow } = await open(settings);
    await flow.send({ type: "signOut" });
    results.push((await adopt(settings)).session, theirs().length > 0);
    // Asked for later, it is cleared away.
    results.push((await adopt({ ...settings, remove: true })).session, theirs());
    // Who signs in with theirs again, comes over again.
    await auth.signIn(who);
    results.push((await adopt(settings)).session, (await open(settings)).flow.snapshot().step);
    return results;
  });
  assert.deepEqual(seen, ["adopted", "none", true, "none", [], "adopted", "signedIn"]);
});

movingTest("a session of ours is never replaced, nor theirs taken away for it", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    const { flow } = await open(settings);
    await flow.send({ type: "signIn", ...who, username: "bob" });
    const before = JSON.stringify(localStorage);
    await amplify(settings, "session").signIn(who);
    const adopted = await adopt({ ...settings, remove: true });
    const isSame = JSON.stringify(localStorage) === before;
    return { adopted, isSame, left: theirs().length > 0, who: (await flow.session(), flow.snapshot().username) };
  });
  assert.deepEqual(seen, {
    adopted: { session: "present", username: null, devices: 0 },
    isSame: true,
    left: true,
    who: "bob",
  });
});

movingTest("a session of ours in this tab alone is one, too; that of another endpoint is nobody's", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    const { flow } = await open(settings);
    await flow.send({ type: "signIn", ...who, remember: false });
    await amplify(settings).signIn(who);
    const results = [(await adopt(settings)).session];
    await flow.send({ type: "signOut" });
    results.push((await adopt({ ...settings, endpoint: "https://proxy.example.com/" })).session);
    results.push((await adopt(settings)).session);
    return results;
  });
  assert.deepEqual(seen, ["present", "adopted", "present"]);
});

movingTest("two tabs at once make one session of it", async ({ tab, run }) => {
  const pages = [await tab(), await tab()];
  await run(pages[0], ({ settings, who }) => amplify(settings).signIn(who).then(() => {}));
  const both = await Promise.all(
    pages.map((page) =>
      run(page, async ({ settings }) => {
        const { session } = await adopt({ ...settings, remove: true });
        const { flow } = await open(settings);
        window.flow = flow;
        return [session, flow.snapshot().step, flow.snapshot().error];
      }),
    ),
  );
  assert.ok(both.some(([session]) => session === "adopted"), JSON.stringify(both));
  for (const [, step, error] of both) assert.deepEqual([step, error], ["signedIn", null]);
  const tokens = [];
  for (const page of pages) tokens.push(await page.evaluate(async () => (await flow.session()).accessToken));
  assert.equal(tokens[0], tokens[1]);
  await pages[0].evaluate(() => flow.session({ refresh: true }));
  await pages[1].evaluate(() => flow.send({ type: "signOut" }));
  await pages[0].waitForFunction(() => flow.snapshot().step === "signedOut");
});

movingTest("who came by redirect with theirs is known by no name that could be typed", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    await amplify(settings).signIn(who);
    const base = `CognitoIdentityServiceProvider.${settings.clientId}`;
    localStorage.setItem(`${base}.ann.oauthMetadata`, '{"oauthSignIn":true}');
    localStorage.removeItem(`${base}.ann.signInDetails`);
    await adopt(settings);
    const { flow } = await open(settings);
    const { username } = flow.snapshot();
    return [username, (await flow.send({ type: "signOut" })).username];
  });
  assert.deepEqual(seen, ["ann", null]);
});

movingTest("the name that was typed is the one that is shown, not what the pool calls the user", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    await amplify(settings).signIn(who);
    const key = `CognitoIdentityServiceProvider.${settings.clientId}.ann.signInDetails`;
    localStorage.setItem(key, JSON.stringify({ loginId: "ann@example.com" }));
    const { username } = await adopt(settings);
    return [username, (await open(settings)).flow.snapshot().username];
  });
  assert.deepEqual(seen, ["ann@example.com", "ann@example.com"]);
});
