// Which labels are selected, and where the cursor is.

class Choosing extends View {
  chosenLabels() { return this.store.sorted.filter(label => this.chosen.has(label.id)); }
  shownAs(label) { const at = this.preview?.labels?.get(label.id); return at ? { ...label, ...at } : label; }
  lookOf(name) { return this.store.type(name) ?? { colour: "#78828c", ink: "#ffffff" }; }

  choose(ids, isGone = false) {
    this.chosen = new Set(ids);
    const found = this.chosenLabels();
    if (isGone && found.length && !found.some(label => label.stop >= this.from && label.start <= this.to)) this.goTo(ids);
    const words = found.length === 1 ? `Selected: ${told(found[0])}` : found.length ? `${found.length} labels selected` : "";
    if (this.bench.spoken.textContent !== words) this.bench.spoken.textContent = words;
    this.refresh();
  }

  toggle(id) { const ids = new Set(this.chosen); if (!ids.delete(id)) ids.add(id); this.choose(ids); }

  /** Select labels and bring them into view. */
  goTo(ids) {
    this.choose(ids);
    const found = this.chosenLabels();
    if (!found.length) return;
    const first = found[0].start, last = Math.max(...found.map(label => label.stop));
    const margin = 0.1 * this.seconds;
    if (last - first > this.seconds - 2 * margin) this.goToSeconds(first - 0.3 * (last - first), 1.6 * Math.max(last - first, 1e-3));
    else if (first < this.from + margin || last > this.to - margin) this.goToSeconds((first + last) / 2 - this.seconds / 2, this.seconds);
    this.cursor = first;
    this.redraw();
  }

  /** Select the next label (or the one before) of where one is; with `add`, keep those that are selected. */
  step(by, add) {
    const { sorted } = this.store, chosen = this.chosenLabels();
    const at = chosen.length ? sorted.indexOf(by > 0 ? chosen[chosen.length - 1] : chosen[0]) + by : this.nearest(by);
    const next = sorted[at];
    if (!next) { this.say(); return; }
    const ids = add ? [...this.chosen, next.id] : [next.id];
    this.goTo([next.id]);
    if (add) this.choose(ids);
  }

  nearest(by) {
    const { sorted } = this.store, place = this.isCursorInView ? this.cursor : this.from;
    const after = sorted.findIndex(label => label.start >= place);
    return by > 0 ? (after < 0 ? sorted.length : after) : (after < 0 ? sorted.length : after) - 1;
  }

  nextUnsure() {
    const unsure = this.store.unsure(), at = unsure.findIndex(label => this.chosen.has(label.id));
    if (unsure.length) this.goTo([unsure[(at + 1) % unsure.length].id]);
  }

  // --- the cursor

  secondsOf(sample) { return this.shown.start + sample / this.rate; }
  sampleOf(seconds) { return (seconds - this.shown.start) * this.rate; }

  setCursor(seconds) {
    const last = this.shown.start + this.total / this.rate;
    this.cursor = Math.min(Math.max(this.shown.start, seconds), last);
    if (this.cursor < this.from || this.cursor > this.to) this.goToSeconds(this.cursor - this.seconds / 2, this.seconds);
    this.redrawOver();
    this.say();
  }

  get isCursorInView() { return this.cursor !== null && this.cursor >= this.from && this.cursor <= this.to; }

  /** Where the cursor is, or begins from: the middle of the view. */
  get here() { return this.isCursorInView ? this.cursor : (this.from + this.to) / 2; }

  moveCursor(share) { this.setCursor(this.here + share * this.seconds); }

  edgeOfStretch(isStart) {
    const at = this.sampleOf(this.here), other = this.selection?.[isStart ? 1 : 0];
    if (other !== undefined && (isStart ? other > at : other < at)) this.select(at, other);
    else this.select(isStart ? at : Math.max(0, at - 0.02 * (this.stop - this.start)), isStart ? Math.min(this.total, at + 0.02 * (this.stop - this.start)) : at);
  }

  letGo() {
    if (this.preview && this.hand) { this.hand = this.preview = null; }
    else if (this.chosen.size) this.choose([]);
    else if (this.selection) this.select(null);
    else this.active = "";
    this.refuse("");
    this.refresh();
  }

  get stretch() {
    const wanted = super.stretch, chosen = this.selection ? [] : this.chosenLabels().filter(label => !isEvent(label));
    if (!chosen.length) return wanted;
    const start = this.sampleOf(chosen[0].start), stop = this.sampleOf(Math.max(...chosen.map(label => label.stop)));
    return { ...wanted, start: Math.max(0, Math.round(start)), stop: Math.min(this.total, Math.round(stop)) };
  }
}
