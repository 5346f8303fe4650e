export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  app: { head: { title: "Nuxt", htmlAttrs: { lang: "en" }, link: [{ rel: "icon", href: "data:," }] } },
  // Filled in from NUXT_PUBLIC_USER_POOL_ID and so on.
  runtimeConfig: { public: { userPoolId: "", clientId: "", endpoint: "" } },
});
