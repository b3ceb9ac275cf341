// Mouse and keys of correcting. What is not meant for labels goes on to the view.

const SLACK = 6;

const isControl = event => /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || (/^(BUTTON|SUMMARY)$/.test(event.target.tagName) && [" ", "Enter"].includes(event.key));

/** Return whether a key was meant for labels, and do what it says. */
function takeEditKey(view, event) {
  if (isControl(event) || event.isComposing) return false;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, { shiftKey: isShift } = event, isCtrl = event.ctrlKey || event.metaKey;
  const step = view.seconds / view.width * (isShift ? 10 : 1);
  if (isCtrl) {
    const acts = { z: () => view.order(isShift ? "redo" : "undo"), y: () => view.order("redo"), a: () => view.choose(view.inView()) };
    return run(acts[key]);
  }
  if (event.altKey) return run({ ArrowLeft: () => view.chosen.size && view.move(-step), ArrowRight: () => view.chosen.size && view.move(step) }[key]);
  if (/^[1-9]$/.test(event.key)) {
    const type = view.store.types[+event.key - 1];
    if (type) view.use(type.name);
    return true;
  }
  if (key === "Home" || key === "End") view.cursor = view.secondsOf(key === "Home" ? 0 : view.total);  // and the view moves there
  const nudge = (start, stop) => () => view.chosen.size && view.stretchBy(start * step, stop * step);
  return run({
    n: () => view.step(1, isShift), p: () => view.step(-1, isShift), u: () => view.nextUnsure(), j: () => view.order("walk", { by: isShift ? -1 : 1 }),
    g: () => isShift ? view.approveInView() : view.approve(), x: () => view.reject(), t: () => view.split(), m: () => view.merge(), k: () => view.putHere(),
    q: nudge(-1, 0), w: nudge(1, 0), e: nudge(0, -1), r: nudge(0, 1), i: () => view.edgeOfStretch(true), o: () => view.edgeOfStretch(false),
    ",": () => view.moveCursor(-0.005), ".": () => view.moveCursor(0.005), ";": () => view.moveCursor(-0.05), ":": () => view.moveCursor(0.05),
    "<": () => view.moveCursor(-0.05), ">": () => view.moveCursor(0.05), v: () => view.showCurves(!view.hasCurves), Delete: () => view.remove(), Backspace: () => view.remove(),
    Enter: () => view.chosen.size && view.bench.type.focus(), Escape: () => view.letGo(), "?": () => { view.bench.keys.open = !view.bench.keys.open; },
  }[key]);
}

function run(act) {
  act?.();
  return Boolean(act);
}

Object.assign(Editor.prototype, {
  inView() { return this.store.sorted.filter(label => label.stop >= this.from && label.start <= this.to).map(label => label.id); },

  secondsAt(x) { return this.secondsOf(this.sampleAt(x)); },

  /** Return the label at a place, the one that is selected first, then the shortest. */
  boxAt(x, y) {
    const near = this.boxes.filter(box => y >= box.y - 2 && y <= box.y + box.height + 2 && x >= box.x - SLACK && x <= box.x + box.width + SLACK);
    const within = near.filter(box => x >= box.x && x <= box.x + box.width);
    const rank = box => (this.chosen.has(box.id) ? 0 : 1e6) + box.width;
    return (within.length ? within : near).sort((one, other) => rank(one) - rank(other))[0];
  },

  /** Return which edge of a label is at a place: of one in the tracks, or of a selected one over the sound. */
  edgeAt(x, y) {
    const inTracks = this.lane(y)?.kind === "labels", box = inTracks ? this.boxAt(x, y) : undefined;
    const labels = box ? [this.store.labels.get(box.id)] : inTracks ? [] : this.chosenLabels();
    for (const label of labels) {
      const [left, right] = [label.start, label.stop].map(edge => LEFT + (edge - this.from) / (this.to - this.from) * this.width);
      if (isEvent(label)) { if (!box && Math.abs(x - left) <= SLACK) return { label, edge: "all" }; continue; }
      const slack = box ? Math.min(SLACK, Math.max(2, (right - left) / 4)) : SLACK;
      if (Math.abs(x - right) <= slack) return { label, edge: "stop" };
      if (Math.abs(x - left) <= slack) return { label, edge: "start" };
    }
    return box ? { label: labels[0], edge: "all" } : undefined;
  },

  lane(y) { return this.layout?.lanes.find(lane => y >= lane.y - 4 && y <= lane.y + lane.height + 4); },

  /** Begin with what the pointer went down on; returns whether it was meant for labels. */
  down(x, y, event) {
    const lane = this.lane(y), at = this.edgeAt(x, y), isAdding = event.shiftKey || event.ctrlKey || event.metaKey, type = this.store.type(this.active);
    this.pressed = { x, y, at: this.secondsAt(x) };
    if (!lane || x < LEFT - SLACK || x > LEFT + this.width + SLACK) return false;
    if (at) {
      if (isAdding) { this.toggle(at.label.id); return true; }
      if (!this.chosen.has(at.label.id)) this.choose([at.label.id]);
      this.hand = this.work.why ? { kind: "none" } : { kind: "hold", edge: at.edge, id: at.label.id };
      return true;
    }
    if (lane.kind === "labels" && (isAdding || !type)) { this.hand = { kind: "box", ids: isAdding ? this.ids() : [] }; return true; }
    if (!type || isAdding || this.work.why) return false;
    this.hand = { kind: "draw", type };
    return true;
  },

  /** Show what comes of it where the pointer is. */
  drag(x) {
    const from = this.pressed, to = this.secondsAt(x), by = to - from.at, { hand } = this;
    if (Math.abs(x - from.x) < 3 && !this.preview) return;
    if (hand.kind === "hold") {
      const ids = hand.edge === "all" ? this.ids() : [hand.id], last = this.shown.start + this.total / this.rate;
      const labels = ids.map(id => this.store.labels.get(id)).filter(Boolean);
      const held = hand.edge === "all" ? Math.min(Math.max(by, -Math.min(...labels.map(label => label.start))), last - Math.max(...labels.map(label => label.stop))) : by;
      hand.by = held;
      const least = 2 / this.rate, moved = label => hand.edge === "all" ? { start: label.start + held, stop: label.stop + held }
        : hand.edge === "start" ? { start: Math.max(0, Math.min(label.start + by, label.stop - least)), stop: label.stop }
          : { start: label.start, stop: Math.min(last, Math.max(label.stop + by, label.start + least)) };
      this.preview = { labels: new Map(labels.map(label => [label.id, moved(label)])) };
    } else if (hand.kind === "draw") {
      const isPoint = hand.type.category === "event";
      this.preview = { made: { name: hand.type.name, state: "human", start: isPoint ? to : Math.min(from.at, to), stop: isPoint ? to : Math.max(from.at, to) } };
    } else if (hand.kind === "box") {
      const [start, stop] = [from.at, to].sort((one, other) => one - other), row = this.lane(from.y)?.row;
      const found = this.store.rows[row]?.within(start, stop).map(i => this.store.rows[row].labels[i].id) ?? [];
      this.preview = { box: [from.x, x] };
      this.choose([...hand.ids, ...found]);
    }
    this.redraw();
  },

  /** End it: what was shown is asked of the kernel. */
  up(x) {
    const { hand, preview } = this, { made } = preview ?? {};
    this.hand = null;
    if (!preview && hand.kind === "draw" && hand.type.category === "event") this.make(hand.type.name, this.secondsAt(x), this.secondsAt(x));
    else if (!preview) { if (hand.kind !== "none") this.click(x, hand); }
    else if (hand.kind === "hold" && hand.edge === "all") this.move(hand.by);
    else if (hand.kind === "hold") this.edit({ do: "stretch", ids: [hand.id], start_by: hand.edge === "start" ? hand.by : 0, stop_by: hand.edge === "stop" ? hand.by : 0 });
    else if (made) this.make(made.name, made.start, made.stop);
    if (hand.kind === "box") this.preview = null;
    this.redraw();
  },

  click(x, hand) {
    this.setCursor(this.secondsAt(x));
    if (hand?.kind === "box" || hand?.kind === "draw") this.choose([]);
    else if (hand?.kind === "hold" && this.chosen.size > 1) this.choose([hand.id]);
  },

  showHold(x, y) {
    const at = this.edgeAt(x, y), lane = this.lane(y);
    this.canvas.style.cursor = at ? (at.edge === "all" ? "pointer" : "ew-resize") : this.active && lane ? "crosshair" : lane?.kind === "labels" ? "default" : "";
  },
});

/** Let the pointer draw, move, stretch and select labels. */
function takeHands(view) {
  const { stage, canvas } = view, placeOf = event => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  const mine = event => { event.stopPropagation(); event.preventDefault(); };
  stage.addEventListener("pointerdown", event => {
    if (event.button || event.target !== canvas || view.hand || !view.total) return;
    const [x, y] = placeOf(event);
    if (!view.down(x, y, event)) return;
    mine(event);
    canvas.focus({ preventScroll: true });
    if (view.hand) canvas.setPointerCapture(event.pointerId);
  }, true);
  stage.addEventListener("pointermove", event => {
    const [x, y] = placeOf(event);
    if (!view.hand) { if (!event.buttons) view.showHold(x, y); return; }
    mine(event);
    view.hover(x, y);
    view.drag(x);
  }, true);
  stage.addEventListener("pointerup", event => {
    const [x, y] = placeOf(event);
    if (view.hand) { mine(event); view.up(x); view.showHold(x, y); } else if (view.pressed && event.target === canvas && Math.abs(x - view.pressed.x) < 3 && !event.shiftKey) clickSound(view, x, y);
    view.pressed = null;
  }, true);
  stage.addEventListener("pointercancel", () => { view.hand = view.preview = view.pressed = null; view.redraw(); }, true);
  stage.addEventListener("dblclick", event => {
    const [x, y] = placeOf(event);
    if (event.target !== canvas || !view.boxAt(x, y)) return;
    mine(event);
    view.choose([view.boxAt(x, y).id]);
    view.bench.type.focus();
    try { view.bench.type.showPicker(); } catch { /* it is focused all the same */ }
  }, true);
}

/** A click on the sound puts the cursor there, and selects what is labelled there. */
function clickSound(view, x, y) {
  if (!view.lane(y) || x < LEFT || x > LEFT + view.width) return;
  const at = view.secondsAt(x), there = view.store.sorted.filter(label => label.start <= at && label.stop >= at && !isEvent(label));
  const found = there.find(isCounting) ?? there.find(label => label.state === "open");
  view.setCursor(at);
  view.choose(found ? [found.id] : []);
}
