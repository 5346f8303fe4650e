import { createApp } from "vue";
import { loading } from "../flow.js";
import App from "./App.vue";

createApp(App, { flow: await loading }).mount("#root");
