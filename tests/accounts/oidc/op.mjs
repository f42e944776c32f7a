// A conformant provider (npm oidc-provider) for the tests: node op.mjs BASE_OF_THE_MARKETPLACE
// Prints its issuer when it listens on a free loopback port. Interactions are answered by POSTs of the test.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const market = process.argv[2];
const REF = "ref-gamma";

const people = {
  anna: { sub: "anna-1", name: "Anna Probe", email: "anna@gamma.example", groups: ["buyers", "openers"], tid: "gamma" },
  bert: { sub: "bert-2", name: "Bert Probe", email: "bert@gamma.example", groups: [], tid: "gamma" },
  carl: { sub: "carl-3", name: "Carl Fremd", email: "carl@gamma.example", groups: ["buyers"], tid: "other" },
};
const bySubject = new Map(Object.values(people).map((person) => [person.sub, person]));

function signingKey(kid) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
}

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

// Back-channel logouts are kept here for the test to hand on: the application under test has no port of its own.
const told = [];

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "werkplatz",
      client_secret: "a-secret-of-the-tests-0123456789abcdef",
      redirect_uris: [`${market}/auth/${REF}/callback`],
      post_logout_redirect_uris: [`${market}/signed-out`],
      backchannel_logout_uri: `${market}/api/oidc/${REF}/backchannel`,
      backchannel_logout_session_required: true,
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  jwks: { keys: [signingKey("one"), signingKey("two")] },
  cookies: { keys: ["a-key-for-cookies-of-the-tests"] },
  pkce: { required: () => true },
  scopes: ["openid", "profile", "email"],
  claims: { openid: ["sub", "groups", "tid"], email: ["email"], profile: ["name"] },
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => (ctx.body = form) },
  },
  findAccount: (ctx, id) => bySubject.has(id) && { accountId: id, claims: () => bySubject.get(id) },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  fetch: async (address, { body }) => {
    told.push({ address: String(address), body: String(body) });
    return new Response(null, { status: 200 });
  },
  renderError: (ctx, out, error) => {
    ctx.type = "json";
    ctx.body = { ...out, message: String(error) };
  },
});

async function formOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

async function answer(interaction, form) {
  if (form.get("refuse")) return { error: "access_denied", error_description: "The person said <b>no</b>." };
  if (interaction.prompt.name === "login") return { login: { accountId: people[form.get("person")].sub } };
  const grant = new provider.Grant({
    accountId: interaction.session.accountId,
    clientId: interaction.params.client_id,
  });
  grant.addOIDCScope(interaction.params.scope);
  return { consent: { grantId: await grant.save() } };
}

provider.use(async (ctx, next) => {
  if (ctx.path === "/told") {
    ctx.body = told.splice(0);
  } else if (ctx.path.startsWith("/interaction/")) {
    const interaction = await provider.interactionDetails(ctx.req, ctx.res);
    if (ctx.method === "GET") {
      ctx.body = { prompt: interaction.prompt.name };
      return;
    }
    ctx.respond = false;
    const result = await answer(interaction, await formOf(ctx.req));
    await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
  } else {
    await next();
  }
});
server.on("request", provider.callback());
console.log(issuer);
