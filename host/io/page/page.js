"use strict";

const $ = id => document.getElementById(id);
const whole = number => number.toLocaleString("en");

function make(name, text, properties = {}) {
  const element = Object.assign(document.createElement(name), properties);
  element.textContent = text;
  return element;
}
