// The controls around the picture, and the keys.

const SPEEDS = [1, 2, 4, 8, 16, 32];

const KEYS = [
  ["Space", "play, stop"], ["L", "loop"], ["S / F", "slower, faster"], ["← →", "move"], ["Shift+← →", "move by a page"], ["↑ ↓", "zoom"],
  ["Home / End", "first, last"], ["A", "select what is shown"], ["Esc", "select nothing"],
];

/** Return a control with its label. */
function labelled(words, control) {
  control.id = newId();
  return make("span", { className: "dss-sound-field" }, make("label", { htmlFor: control.id, textContent: words }), control);
}

const button = (words, title, act) => make("button", { type: "button", className: "jupyter-button", textContent: words, title, onclick: act });
const choice = (options, act) => make("select", { onchange: act }, ...options.map(([words, value]) => make("option", { textContent: words, value })));
const number = (step, act) => make("input", { type: "number", step, min: 0, onchange: act });
const slider = (min, max, act) => make("input", { type: "range", min, max, step: 1, oninput: act });

/** Make the controls of a view; they are changed by `refresh`. */
function makeControls(view) {
  const { player } = view, ui = {};
  ui.play = button("▶ Play", "Play what is selected, or what is shown (Space)", () => view.playOrStop());
  ui.play.classList.add("dss-sound-play");
  ui.loop = button("Loop", "Play again and again (L)", () => view.toggleLoop());
  ui.speed = choice(SPEEDS.map(slowed => [slowed === 1 ? "1" : `1/${slowed}`, slowed]), () => view.setSpeed(+ui.speed.value));
  ui.out = button("−", "Zoom out (↓)", () => view.zoom(2));
  ui.in = button("+", "Zoom in (↑)", () => view.zoom(0.5));
  ui.out.setAttribute("aria-label", "Zoom out");
  ui.in.setAttribute("aria-label", "Zoom in");
  ui.from = number("any", () => view.goToSeconds(+ui.from.value, view.seconds));
  ui.span = number("any", () => view.goToSeconds(view.from, Math.max(1e-4, +ui.span.value)));
  ui.channel = choice([], () => view.setChannel(ui.channel.value));
  ui.channelField = labelled("Channel", ui.channel);
  ui.map = choice(Object.keys(MAPS).map(name => [name, name]), () => view.look({ map: ui.map.value }));
  ui.brightest = slider(-120, 20, () => view.look({ brightest: +ui.brightest.value }));
  ui.range = slider(10, 120, () => view.look({ range: +ui.range.value }));
  ui.auto = button("Auto", "Choose the contrast for what is shown", () => view.autoContrast());
  ui.low = number("any", () => view.band(1000 * ui.low.value, view.high));
  ui.high = number("any", () => view.band(view.low, 1000 * ui.high.value));
  ui.all = button("All", "Show all frequencies", () => view.band(0, Infinity));
  ui.only = make("input", { type: "checkbox", checked: true, onchange: () => view.restart() });
  const row = (...parts) => make("div", { className: "dss-sound-row" }, ...parts);
  const group = (name, ...parts) => make("div", { className: "dss-sound-group", role: "group", "aria-label": name }, ...parts);
  ui.display = make("details", { className: "dss-sound-display" }, make("summary", { textContent: "Frequencies and contrast" }), row(
    group("Frequencies", labelled("From (kHz)", ui.low), labelled("to (kHz)", ui.high), ui.all, labelled("Play these alone", ui.only)),
    group("Contrast", labelled("Colours", ui.map), labelled("Brightest (dB)", ui.brightest), labelled("Range (dB)", ui.range), ui.auto)));
  ui.bar = row(
    group("Play", ui.play, ui.loop, labelled("Speed", ui.speed)),
    group("Place", ui.out, ui.in, labelled("From (s)", ui.from), labelled("Span (s)", ui.span), ui.channelField));
  ui.keys = make("p", { className: "dss-sound-keys" }, "Keys: ", ...KEYS.flatMap(([key, words], i) =>
    [make("kbd", { textContent: key }), ` ${words}${i < KEYS.length - 1 ? " · " : ""}`]),
  " · drag to move, Shift+drag to select, Ctrl+wheel or pinch to zoom");
  ui.refresh = () => {
    ui.play.disabled = !view.shown.channels;
    ui.play.textContent = player.playing ? "■ Stop" : "▶ Play";
    ui.loop.setAttribute("aria-pressed", String(view.loop));
    ui.loop.classList.toggle("mod-active", view.loop);
    ui.speed.value = view.slowed;
    const set = (field, value) => { if (document.activeElement !== field && (field.value === "" || +field.value !== value)) field.value = value; };
    set(ui.from, +view.from.toFixed(4));
    set(ui.span, +view.seconds.toPrecision(4));
    set(ui.low, view.low / 1000);
    set(ui.high, +(view.high / 1000).toPrecision(6));
    set(ui.brightest, Math.round(view.contrast.brightest));
    set(ui.range, Math.round(view.contrast.range));
  };
  return ui;
}

/** Return whether a key was meant for the view, and do what it says. */
function takeKey(view, event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const acts = {
    " ": () => view.playOrStop(), l: () => view.toggleLoop(), s: () => view.changeSpeed(1), f: () => view.changeSpeed(-1),
    ArrowLeft: () => view.pan(event.shiftKey ? -1 : -0.25), ArrowRight: () => view.pan(event.shiftKey ? 1 : 0.25),
    ArrowUp: () => view.zoom(0.5), ArrowDown: () => view.zoom(2), "+": () => view.zoom(0.5), "-": () => view.zoom(2),
    PageUp: () => view.pan(-1), PageDown: () => view.pan(1), Home: () => view.moveTo(0), End: () => view.moveTo(Infinity),
    a: () => view.select(view.start, view.stop), Escape: () => view.select(null),
  };
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  act?.();
  return Boolean(act);
}

/** Let the pointer pan, select, pinch and look: on a canvas, with wheel and fingers. */
function takePointer(view, canvas) {
  const fingers = new Map();
  let from = null;
  const xOf = event => event.clientX - canvas.getBoundingClientRect().left, yOf = event => event.clientY - canvas.getBoundingClientRect().top;
  canvas.addEventListener("pointerdown", event => {
    if (event.button) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, xOf(event));
    from = { x: xOf(event), start: view.start, stop: view.stop, selecting: event.shiftKey, spread: null };
  });
  canvas.addEventListener("pointermove", event => {
    if (!fingers.has(event.pointerId)) { view.hover(xOf(event), yOf(event)); return; }
    fingers.set(event.pointerId, xOf(event));
    if (fingers.size === 2) {
      const [one, other] = fingers.values(), spread = Math.max(10, Math.abs(one - other));
      if (from.spread) view.zoom(from.spread / spread, view.sampleAt((one + other) / 2));
      from.spread = spread;
    } else if (from.spread === null) {
      const perPixel = (from.stop - from.start) / view.width, moved = (from.x - xOf(event)) * perPixel;
      if (from.selecting) view.select(view.sampleAt(from.x), view.sampleAt(xOf(event)));
      else if (Math.abs(from.x - xOf(event)) > 2) view.moveTo(from.start + moved);
    }
  });
  const end = event => { fingers.delete(event.pointerId); if (!fingers.size) from = null; };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => view.hover(null));
  canvas.addEventListener("wheel", event => {  // the page scrolls on, unless the view was chosen or the wheel is meant for it
    const scale = event.deltaMode ? 30 : 1, sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || (document.activeElement === canvas && !event.shiftKey && Math.abs(event.deltaY) > Math.abs(event.deltaX)))
      view.zoom(2 ** (event.deltaY * scale / (event.ctrlKey ? 100 : 250)), view.sampleAt(xOf(event)));
    else if (Math.abs(sideways) > 0 && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) view.pan(sideways * scale / view.width);
    else return;
    event.preventDefault();
  }, { passive: false });
}
