// The sound view in which labels are corrected; edits go to the kernel, which alone does them.

class Editor extends Choosing {
  follow() {  // called by the view's constructor, before anything is drawn
    Object.assign(this, { store: new Store(), chosen: new Set(), cursor: null, active: "", hatches: new Map(), boxes: [], preview: null, hand: null, work: {}, hasCurves: true });
    this.bench = makeBench(this);
    this.ui.bar.after(this.bench.top);
    this.whole.after(this.bench.bottom, this.bench.all, this.bench.refused);
    this.ui.keys.replaceWith(this.bench.keys);
    this.state.after(this.bench.spoken);
    this.canvas.setAttribute("aria-describedby", `${this.state.id} ${this.bench.spoken.id = newId()}`);
    super.follow();
    const on = (event, act) => { this.model.on(event, act); this.offs.push(() => this.model.off(event, act)); };
    on("change:_work", () => this.newWork());
    on("change:_mark", () => this.redraw());
    on("msg:custom", (answer, buffers) => this.heard(answer, buffers));
    takeHands(this);
    this.root.addEventListener("keydown", event => {
      if (takeEditKey(this, event) || (!this.canvas.contains(event.target) && !isControl(event) && takeKey(this, event))) { event.preventDefault(); event.stopPropagation(); }
    }, true);
    this.newWork();
    this.order("labels");
  }

  // --- what the kernel says

  newWork() {
    this.work = this.model.get("_work");
    this.store.types = this.work.types ?? [];
    if (this.active && !this.store.type(this.active)) this.active = "";
    this.hatches.clear();
    this.dressCurves();
    this.refresh();
  }

  /** Show the probabilities in the colours of the labels, or not at all. */
  dressCurves() {
    const told = this.model.get("_shown").curves;
    this.shown = { ...this.shown, curves: told && this.hasCurves ? { ...told, colours: told.names.map(name => this.lookOf(name).colour) } : null };
  }

  showCurves(isOn) {
    if (!this.model.get("_shown").curves) return;
    this.hasCurves = isOn;
    this.dressCurves();
    this.refresh();
  }

  heard(answer, buffers) {
    if (answer.number !== this.shown.number) return;
    if (answer.kind === "refused") { this.preview = null; this.hasGoneOn = false; this.refuse(answer.words); }
    if (answer.kind !== "labels") return;
    if (!this.store.take(answer, buffers)) { this.order("labels"); return; }
    this.preview = null;
    if (answer.page === this.supply.page) this.chooseWhatCame(answer.select.filter(id => this.store.labels.has(id)));
    for (const id of this.chosen) if (!this.store.labels.has(id)) this.chosen.delete(id);
    this.refuse("");
    this.refresh();
  }

  /** Select what an edit of this page has made, unless one has gone on from there. */
  chooseWhatCame(ids) {
    if (ids.length && !this.hasGoneOn) this.choose(ids, true);
    this.hasGoneOn = false;
    const [one] = ids.length === 1 ? this.chosenLabels() : [], pixel = this.seconds / this.width;
    if (one && !(this.cursor >= one.start - pixel && this.cursor <= one.stop + pixel)) this.cursor = one.start;
  }

  refuse(words) { if (this.bench.refused.textContent !== words) this.bench.refused.textContent = words; this.redraw(); }

  newSound() {
    const before = this.shown.number;
    super.newSound();
    this.dressCurves();
    if (this.shown.number === before) return;
    this.chosen.clear();
    Object.assign(this, { cursor: null, preview: null, store: Object.assign(new Store(), { types: this.store.types }) });
    this.order("labels");
  }

  // --- what is asked of the kernel

  order(kind, more = {}) { if (this.shown.number) this.model.send({ kind, number: this.shown.number, page: this.supply.page, ...more }); }
  edit(edit) { if (this.work.why) this.refuse(this.work.why); else this.order("edit", { edit }); }

  ids() { return [...this.chosen]; }
  move(by) { this.edit({ do: "move", ids: this.ids(), by }); }
  stretchBy(startBy, stopBy) { this.edit({ do: "stretch", ids: this.ids(), start_by: startBy, stop_by: stopBy }); }
  split() { this.edit({ do: "split", ids: this.ids(), at: this.cursor ?? -1 }); }
  merge() { this.edit({ do: "merge", ids: this.ids() }); }
  remove() { if (this.chosen.size) this.edit({ do: "delete", ids: this.ids() }); }
  rename(name) { if (name && this.chosen.size) this.edit({ do: "relabel", ids: this.ids(), name }); }
  make(name, start, stop) { this.edit({ do: "make", name, start, stop }); }
  approveInView() { this.edit({ do: "approve_within", start: this.from, stop: this.to }); }
  approve() { this.judge("approve", label => label.state === "open" || label.state === "rejected"); }
  reject() { this.judge("reject", label => label.state !== "human" && label.state !== "rejected"); }

  /** Approve or reject; from a single open proposal, on to the next. */
  judge(how, isMeant) {
    const [one, ...others] = this.chosenLabels();
    this.edit({ do: how, ids: this.ids() });
    if (one?.state !== "open" || others.length || !isMeant(one) || this.work.why) return;
    const next = this.store.open.find(label => label.id !== one.id && (label.start > one.start || (label.start === one.start && label.id > one.id)));
    if (next) { this.hasGoneOn = true; this.goTo([next.id]); }
  }

  /** Set an edge of the one label that is selected, as typed. */
  place(edge, seconds) {
    const [label] = this.chosenLabels();
    if (!label || !Number.isFinite(seconds)) return;
    const by = seconds - label[edge];
    if (isEvent(label)) this.move(by);
    else this.stretchBy(edge === "start" ? by : 0, edge === "stop" ? by : 0);
  }

  addType() {
    const name = this.bench.name.value.trim(), category = this.bench.category.value;
    if (!name) { this.bench.name.focus(); return; }
    this.edit({ do: "add_type", name, category });
    this.bench.name.value = "";
    this.active = name;
  }

  /** Name the selected labels, label the stretch, or draw with a song type. */
  use(name) {
    if (this.chosen.size) this.rename(name);
    else if (this.selection) this.label(name);
    else this.drawWith(name);
  }

  label(name) {
    const [from, to] = this.selection.map(sample => this.secondsOf(sample));
    this.make(name, from, to);
    this.select(null);
  }

  drawWith(name) {
    if (name && this.chosen.size) { this.rename(name); return; }
    this.active = this.active === name ? "" : name;
    this.refresh();
  }

  putHere() {
    const type = this.store.type(this.active);
    if (!type) this.refuse("Choose a song type first: keys 1 to 9.");
    else if (this.selection) this.label(this.active);
    else if (type.category === "event" && this.isCursorInView) this.make(this.active, this.cursor, this.cursor);
    else this.refuse(type.category === "event" ? "Put the cursor somewhere first: click, or press , and ." : "Select a stretch first: I and O at the cursor, or Shift+drag.");
  }

  // --- how it is drawn

  refresh() { this.bench.refresh(); this.redraw(); }

  lanes() {
    const { lanes, bottom } = super.lanes(), rows = [["labels", "Labels", LABELS]];
    if (this.store.rows.proposals.labels.length) rows.push(["proposals", "Proposals", PROPOSED]);
    let y = bottom + GAP - 4;
    for (const [row, title, height] of rows) {
      lanes.push({ kind: "labels", row, title, titleY: y + TITLE - 6, x: LEFT, y: y + TITLE + 2, width: this.width, height });
      y += TITLE + 2 + height + GAP;
    }
    return { lanes, bottom: y - GAP + 4, height: y - GAP + 4 + AXIS };
  }

  draw() {
    this.boxes = [];
    super.draw();
    if (this.total) this.bench.refresh();
  }

  drawLane(context, lane, colours) {
    if (lane.kind !== "labels") { super.drawLane(context, lane, colours); return; }
    const { boxes, count } = drawRow(context, this.store.rows[lane.row], lane, this, colours);
    this.boxes.push(...boxes);
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = colours.text;
    context.font = `600 13px ${colours.font}`;
    context.fillText(lane.title, 2, lane.titleY);
    const x = 12 + context.measureText(lane.title).width, of = this.store.rows[lane.row].labels.length;
    context.font = `12px ${colours.font}`;
    context.fillStyle = colours.muted;
    const open = lane.row === "proposals" ? `, ${this.store.open.length.toLocaleString("en")} open` : "";
    context.fillText(`${count.toLocaleString("en")} here, ${of.toLocaleString("en")} in all${open}`, x, lane.titleY);
  }

  drawOver() {
    super.drawOver();
    if (!this.layout || !this.total) return;
    const context = this.over.getContext("2d"), colours = coloursOf(this.root), { lanes, bottom } = this.layout;
    const x = seconds => LEFT + (seconds - this.from) / (this.to - this.from) * this.width, first = lanes[0].y;
    const above = lanes.filter(lane => lane.kind !== "labels"), last = Math.max(...above.map(lane => lane.y + lane.height));
    const upright = (at, colour, dash = []) => {
      if (at < LEFT - 1 || at > LEFT + this.width + 1) return;
      for (const [shade, thick, dashed] of [[colours.raised, 4, []], [colour, 2, dash]]) {
        context.strokeStyle = shade; context.lineWidth = thick; context.setLineDash(dashed);
        context.beginPath(); context.moveTo(at, first); context.lineTo(at, last); context.stroke();
      }
      context.setLineDash([]);
    };
    const chosen = this.chosenLabels().slice(0, 200).map(label => this.shownAs(label));
    const made = this.preview?.made, box = this.preview?.box;
    for (const label of made ? [...chosen, made] : chosen) {
      const { colour } = this.lookOf(label.name), [left, right] = [Math.max(LEFT, x(label.start)), Math.min(LEFT + this.width, x(label.stop))];
      if (right > left) {
        context.globalAlpha = 0.22; context.fillStyle = colour;
        for (const lane of above) context.fillRect(left, lane.y, right - left, lane.height);
        context.globalAlpha = 1;
      }
      for (const edge of isEvent(label) ? [label.start] : [label.start, label.stop]) upright(x(edge), colour, label.state === "open" ? [5, 3] : []);
    }
    const [from, to] = (this.model.get("_mark") ?? []).map(x);
    if (from !== undefined && to > LEFT && from < LEFT + this.width) {  // the stretch to look at, between brackets
      const [left, right] = [Math.max(LEFT, from), Math.min(LEFT + this.width, to)];
      context.fillStyle = colours.accent;
      context.fillRect(left, first - 3, right - left, 3);
      for (const edge of [from, to]) upright(edge, colours.accent, [2, 4]);
    }
    if (box) {
      context.globalAlpha = 0.2; context.fillStyle = colours.accent;
      context.fillRect(Math.min(...box), above.length ? last + GAP : first, Math.abs(box[1] - box[0]), bottom - last - GAP);
      context.globalAlpha = 1;
    }
    if (this.cursor === null) return;
    const at = x(this.cursor);
    if (at < LEFT || at > LEFT + this.width) return;
    const isOnEdge = chosen.some(label => Math.abs(x(label.start) - at) < 2 || Math.abs(x(label.stop) - at) < 2);  // that is seen well enough
    for (const [shade, thick] of isOnEdge ? [] : [[colours.raised, 3], [colours.text, 1]]) {
      context.fillStyle = shade;
      context.fillRect(at - thick / 2, first - 6, thick, bottom - first + 6);
    }
    context.fillStyle = colours.text;
    context.beginPath(); context.moveTo(at - 5, first - 10); context.lineTo(at + 5, first - 10); context.lineTo(at, first - 3); context.fill();
  }

  drawTip(lanes, bottom) {
    super.drawTip(lanes, bottom);
    if (this.tip.hidden) return;
    const box = this.boxAt(this.pointer.x, this.pointer.y), label = box && this.store.labels.get(box.id), made = this.preview?.made;
    if (!label && !made) return;
    this.tip.textContent = label ? told(this.shownAs(label)) : `${made.name}: ${lasting(made.stop - made.start)} · ${this.tip.textContent}`;
    this.tip.style.left = `${Math.max(0, Math.min(this.pointer.x + 12, this.stage.clientWidth - this.tip.offsetWidth - 4))}px`;
  }
}
