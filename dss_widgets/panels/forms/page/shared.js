// What the modules of forms share.

/** Return an element with properties, attributes (those with a hyphen, and role) and children; words become text, never markup. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties))
    if (/-|^role$/.test(name)) element.setAttribute(name, value); else element[name] = value;
  element.append(...children);
  return element;
}

/** Act on each of a model's events at once and whenever it comes; returns what ends that. */
function follow(model, events, act) {
  for (const event of events) model.on(event, act);
  return () => events.forEach(event => model.off(event, act));
}

/** Let the browser save a blob as a file. */
function save(blob, name) {
  const address = URL.createObjectURL(blob), link = make("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
