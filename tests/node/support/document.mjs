/** A node of a document that has no way to take markup: text goes in as text. */
export class Node extends EventTarget {
  children = [];
  constructor(tag) {
    super();
    this.tag = tag;
  }
  append(...children) {
    this.children.push(...children);
  }
  replaceChildren(...children) {
    this.children = children;
  }
  set textContent(text) {
    this.children = [text];
  }
  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }
}
