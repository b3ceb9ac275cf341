// The view: what is shown of a sound and how, and the loop that draws it.

const CHANNELS_AT_ONCE = 4;

class View {
  constructor(model, element) {
    Object.assign(this, { model, start: 0, stop: 1, channel: 0, slowed: 1, loop: false, low: 0, high: 1, selection: null, pointer: null });
    Object.assign(this, { contrast: { map: "magma", brightest: 0, range: 70 }, shades: null, isAuto: true, widths: new Map(), tracks: [], shown: {} });
    const send = message => model.send({ number: this.shown.number, ...message });
    this.supply = new Supply(send, () => this.redraw());
    this.player = new Player(send, () => { this.ui.refresh(); this.say(); this.redraw(); });
    this.player.page = this.supply.page;
    this.ui = makeControls(this);
    this.canvas = make("canvas", { className: "dss-sound-canvas", tabIndex: 0, role: "application" });
    this.over = make("canvas", { className: "dss-sound-over", "aria-hidden": "true" });
    this.tip = make("div", { className: "dss-sound-tip", "aria-hidden": "true" });
    this.trouble = make("div", { className: "dss-sound-fault", role: "alert" });
    this.whole = make("div", { className: "dss-sound-whole", "aria-hidden": "true" }, make("span"));
    this.state = make("p", { className: "dss-sound-state", role: "status", id: newId() });
    this.canvas.setAttribute("aria-describedby", this.state.id);
    this.stage = make("div", { className: "dss-sound-stage" }, this.canvas, this.over, this.tip, this.trouble);
    this.root = make("div", { className: "dss-sound" }, this.ui.bar, this.stage, this.whole, this.state, this.ui.display, this.ui.keys);
    this.root.soundView = this;
    this.root.dataset.lmSuppressShortcuts = "true";  // in JupyterLab these keys would act on cells
    element.append(this.root);
    this.canvas.addEventListener("keydown", event => { if (takeKey(this, event)) { event.preventDefault(); event.stopPropagation(); } });
    takePointer(this, this.canvas);
    this.takeWhole();
    this.follow();
  }

  // --- what the kernel says

  follow() {
    const on = (event, act) => { this.model.on(event, act); this.offs.push(() => this.model.off(event, act)); };
    this.offs = [];
    on("change:_shown", () => this.newSound());
    on("change:_tracks", () => this.newTracks());
    on("change:place", () => this.toPlace());
    on("change:fault", () => this.redraw());
    on("change:name", () => this.canvas.setAttribute("aria-label", this.model.get("name")));
    on("msg:custom", (answer, buffers) => {
      if (answer.number !== this.shown.number) return;
      if (answer.kind === "tile") this.supply.take(answer, buffers[0]);
      else if (answer.kind === "sound") this.player.took(answer, buffers[0]);
    });
    const sizes = new ResizeObserver(() => this.redraw());
    sizes.observe(this.stage);
    const themes = new MutationObserver(() => this.redraw());
    themes.observe(document.body, { attributes: true });
    this.offs.push(() => sizes.disconnect(), () => themes.disconnect(), () => this.player.close());
    this.canvas.setAttribute("aria-label", this.model.get("name"));
    this.newTracks();
    this.newSound();
  }

  newSound() {
    const before = this.shown;
    this.shown = this.model.get("_shown");
    if (this.shown.number === before.number) return;
    this.player.stop();
    this.supply.forget();
    this.selection = null;
    this.isAuto = true;
    if (this.shown.rate && this.shown.rate !== before.rate) { this.low = 0; this.high = this.shown.rate / 2; }
    const n = this.shown.channels ?? 0;
    const options = [...Array(n).keys()].map(i => [String(i + 1), i]);
    if (n > 1 && n <= CHANNELS_AT_ONCE) options.push(["all", "all"]);
    this.ui.channel.replaceChildren(...options.map(([textContent, value]) => make("option", { textContent, value })));
    this.ui.channelField.hidden = n < 2;
    if (this.channel !== "all" || n < 2 || n > CHANNELS_AT_ONCE) this.channel = Math.max(0, Math.min(+this.channel || 0, n - 1));
    this.ui.channel.value = this.channel;
    this.toPlace();
  }

  newTracks() {
    this.tracks = this.model.get("_tracks").map(packed => new Track(packed));
    this.redraw();
  }

  toPlace() {
    const [from, to] = this.model.get("place"), { rate, start } = this.shown;
    if (rate && `${[from, to]}` !== this.told) this.setView((from - start) * rate, (to - start) * rate, false);
    this.redraw();
  }

  // --- where one is

  get total() { return this.shown.samples; }
  get rate() { return this.shown.rate; }
  get from() { return this.shown.start + this.start / this.rate; }
  get to() { return this.shown.start + this.stop / this.rate; }
  get seconds() { return (this.stop - this.start) / this.rate; }
  get width() { return Math.max(1, this.stage.clientWidth - LEFT - RIGHT); }
  get channels() { return this.shown.channels && this.channel !== "all" ? [this.channel] : [...Array(this.shown.channels).keys()]; }

  sampleAt(x) { return this.start + Math.min(1, Math.max(0, (x - LEFT) / this.width)) * (this.stop - this.start); }

  setView(start, stop, tell = true) {
    if (!this.total) return;
    const length = Math.min(this.total, Math.max(16, stop - start));
    this.start = Math.min(Math.max(0, start), this.total - length);
    this.stop = this.start + length;
    if (tell) {
      clearTimeout(this.telling);
      this.telling = setTimeout(() => {
        this.told = `${[this.from, this.to]}`;
        this.model.set("place", [this.from, this.to]);
        this.model.save_changes();
      }, 150);
    }
    this.redraw();
  }

  pan(share) { this.moveTo(this.start + share * (this.stop - this.start)); }
  moveTo(start) { const length = this.stop - this.start; start = Math.min(start, this.total - length); this.setView(start, start + length); }
  goToSeconds(from, seconds) { const start = (from - this.shown.start) * this.rate; this.setView(start, start + seconds * this.rate); }

  zoom(factor, about = (this.start + this.stop) / 2) {
    const length = Math.min(this.total, Math.max(16, (this.stop - this.start) * factor)), share = (about - this.start) / (this.stop - this.start);
    this.setView(about - share * length, about + (1 - share) * length);
  }

  select(start, stop) {
    this.selection = start === null || Math.abs(stop - start) < 1 ? null : [Math.min(start, stop), Math.max(start, stop)];
    this.redraw();
  }

  takeWhole() {
    const go = event => {
      const box = this.whole.getBoundingClientRect(), length = this.stop - this.start;
      if (event.buttons & 1) this.moveTo((event.clientX - box.left) / box.width * this.total - length / 2);
    };
    this.whole.addEventListener("pointerdown", event => { this.whole.setPointerCapture(event.pointerId); go(event); });
    this.whole.addEventListener("pointermove", go);
  }

  // --- how it is shown

  look(change) {
    Object.assign(this.contrast, change);
    this.isAuto = false;
    this.shades = null;
    this.redraw();
  }

  band(low, high) {
    const highest = this.rate / 2;
    this.high = Math.min(highest, high > 0 ? high : highest);
    this.low = Math.min(Math.max(0, low || 0), this.high * 0.98);
    this.restart();
    this.redraw();
  }

  setChannel(value) { this.channel = value === "all" ? value : +value; this.restart(); this.redraw(); }
  autoContrast() { this.isAuto = true; this.redraw(); }

  // --- what is heard

  get stretch() {
    const [start, stop] = this.selection ?? [this.start, this.stop], isBand = this.ui.only.checked;
    const [low, high] = isBand ? [this.low, this.high] : [0, this.rate / 2];
    return { start: Math.round(start), stop: Math.round(stop), channel: this.channels[0], slowed: this.slowed, loop: this.loop, low, high };
  }

  playOrStop() { if (this.player.playing) this.player.stop(); else if (this.shown.channels) this.player.play(this.stretch); }
  restart() { if (this.player.playing) this.player.play({ ...this.stretch, start: this.player.stretch.start, stop: this.player.stretch.stop }); }
  toggleLoop() { this.loop = !this.loop; this.ui.refresh(); this.restart(); this.say(); }
  setSpeed(slowed) { this.slowed = slowed; this.ui.refresh(); this.restart(); this.say(); }
  changeSpeed(by) { this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(this.slowed) + by))]); }

  // --- words

  hover(x, y) { this.pointer = x === null ? null : { x, y }; this.redrawOver(); }

  say() {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      if (!this.total) return;
      const first = this.shown.start, last = first + this.total / this.rate;
      const whole = first ? `the stretch from ${first.toFixed(3)} to ${last.toFixed(3)} s` : lasting(last);
      const parts = [`${this.from.toFixed(3)} to ${this.to.toFixed(3)} s of ${whole}`];
      for (const [i, { count }] of (this.counts ?? []).entries()) parts.push(`${this.tracks[i].title}: ${count.toLocaleString("en")} here`);
      if (this.selection) parts.push(`selected: ${lasting((this.selection[1] - this.selection[0]) / this.rate)}`);
      if (this.player.playing) parts.push(`playing${this.slowed > 1 ? ` at 1/${this.slowed} speed` : ""}${this.loop ? " in a loop" : ""}`);
      if (this.player.fault) parts.push(`cannot be played: ${this.player.fault}`);
      if (this.there < 1 && !this.faults.length) parts.push("reading…");
      const words = `${parts.join(" · ")}.`;
      if (this.state.textContent !== words) this.state.textContent = words;
    }, 250);
  }

  close() { this.offs.forEach(off => off()); this.root.remove(); }
}
