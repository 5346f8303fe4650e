"use client";
// For React: the snapshot of a flow, and a render when it changes; the forms as components.
import { createElement, useEffect, useRef, useSyncExternalStore } from "react";
import { holdElement } from "./sign-in.js";

export const useFlow = (flow) => useSyncExternalStore(flow.subscribe, flow.snapshot, flow.snapshot);

export const CognitoSignIn = component("cognito-sign-in");
export const CognitoAccount = component("cognito-account");

function component(tag) {
  return function ({ children, className, id, style, ...given }) {
    const element = useRef(null);
    const held = useRef(null);
    useEffect(() => {
      held.current = holdElement(element.current);
      return () => held.current.end();
    }, []);
    useEffect(() => held.current.update(given));
    // React 18 knows no `className` of an element like this.
    return createElement(tag, { class: className, id, ref: element, style }, children);
  };
}
