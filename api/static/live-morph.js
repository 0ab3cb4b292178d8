// Makes a piece of the page like the one the server has now, and leaves alone what is the same: the focus, what is
// typed and what is open stay.

// What readers and scripts change themselves.
const KEPT = new Set(["open", "data-sent"]);

const keyOf = (node) => node.id || node.dataset?.key || null;
const fits = (old, now) => old.nodeType === now.nodeType && old.nodeName === now.nodeName && keyOf(old) === keyOf(now);

export function morph(old, now) {
  if (old.isEqualNode(now)) return;
  if (!fits(old, now)) { old.replaceWith(now); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = now.nodeValue; return; }
  for (const { name } of [...old.attributes]) if (!KEPT.has(name) && !now.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (!KEPT.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  children(old, now);
}

function children(parent, now) {
  const keyed = new Map([...parent.childNodes].map((child) => [keyOf(child), child]));
  let at = parent.firstChild;
  for (const next of [...now.childNodes]) {
    const key = keyOf(next);
    const same = key ? keyed.get(key) : at && fits(at, next) ? at : null;
    if (!same) parent.insertBefore(next, at);
    else {
      if (same === at) at = at.nextSibling;
      else parent.insertBefore(same, at);
      morph(same, next);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}
