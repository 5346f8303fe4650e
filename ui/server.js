// What a server sends ahead for `<cognito-sign-in>`: the element's tree as markup (declarative shadow
// DOM), of the size that the first form has. The element takes it over without a jump.
import { css } from "./style.js";
import { directionOf } from "./texts.js";

const GREY = (kind) => `<div class="skeleton ${kind}" part="skeleton ${kind}"></div>`;
const FIELD = `<div class="field" part="field">${GREY("line")}${GREY("box")}</div>`;
const CARD = ["heading", "", "", "box", "row", "row last", "row"]
  .map((kind) => (kind === "" ? FIELD : GREY(kind)))
  .join("");

/**
 * Markup to stand inside of `<cognito-sign-in>`. `nonce` is that of the page's content security policy,
 * where it has one for styles.
 */
export function signInShell({ lang = "en", theme = "", nonce } = {}) {
  const classes = ["root", theme].filter(Boolean).join(" ");
  const given = nonce === undefined ? "" : ` nonce="${escaped(nonce)}"`;
  return (
    `<template shadowrootmode="open"><style${given}>${css}</style>` +
    `<div class="${escaped(classes)}" part="root" lang="${escaped(lang)}" dir="${directionOf(lang)}">` +
    `<slot name="header"></slot>` +
    `<div class="card surface" aria-busy="true" part="card surface"><div>${CARD}</div></div>` +
    `<slot name="footer"></slot></div></template>`
  );
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
