// How the scripts reach what stands in the markup. Ids, classes, attributes, texts and addresses that
// both know go through one table, so that the site can drift and its own scripts follow.

import NAMES from "./names.js";

const KINDS = { "#": "ids", ".": "classes", "[": "attributes" };

function current(kind, name) {
  return NAMES[kind][name] ?? name;
}

function selector(text) {
  return text.replace(/([#.[])([\w-]+)/g, (_, sign, name) => sign + current(KINDS[sign], name));
}

// Selectors name ids, classes and attributes, but no tags: those may be others tomorrow.
export const find = (text, root = document) => root.querySelector(selector(text));
export const findAll = (text, root = document) => [...root.querySelectorAll(selector(text))];
export const closest = (element, text) => element.closest(selector(text));

export const className = (name) => current("classes", name);
export const mark = (element, name, on = true) => element.classList.toggle(className(name), on);
export const marked = (element, name) => element.classList.contains(className(name));

export const read = (element, attribute) => element.getAttribute(current("attributes", attribute));

export const address = (path) => current("addresses", path);
export const option = (name) => NAMES.options[name];

// A text, with values in place of {0}, {1}, ...
export function say(text, ...values) {
  return values.reduce((said, value, n) => said.replace(`{${n}}`, value), current("texts", text));
}
