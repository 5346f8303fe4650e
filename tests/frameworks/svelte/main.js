import { mount } from "svelte";
import { loading } from "../flow.js";
import App from "./App.svelte";

const flow = await loading;
mount(App, { target: document.getElementById("root"), props: { flow } });
