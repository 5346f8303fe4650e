import { createApp } from "vue";
import { loading } from "../flow.js";
import App from "./App.vue";
import Element from "./Element.vue";

const app = location.search === "?element" ? createApp(Element) : createApp(App, { flow: await loading });
app.mount("#root");
