import { mount } from "svelte";
import { loading } from "../flow.js";
import App from "./App.svelte";
import Element from "./Element.svelte";

const target = document.getElementById("root");
if (location.search === "?element") mount(Element, { target });
else mount(App, { target, props: { flow: await loading } });
