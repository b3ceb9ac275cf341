// Drawing the whole view: lanes from above, the axis of time, the cursor over them.

const WAVE = 92, POWER = 190, CURVES = 110;

Object.assign(View.prototype, {
  redraw() { this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); }); },
  redrawOver() { this.overFrame ??= requestAnimationFrame(() => { this.overFrame = null; this.drawOver(); }); },

  /** Return the lanes: what is drawn where. */
  lanes() {
    const lanes = [], { channels } = this, many = channels.length > 1;
    let y = 4;
    const add = (kind, height, title, more = {}) => {
      lanes.push({ kind, title, ...more, titleY: y + TITLE - 6, x: LEFT, y: y + TITLE, width: this.width, height });
      y += TITLE + height + GAP;
    };
    for (const channel of channels) add("wave", many ? 64 : WAVE, many ? `Waveform, channel ${channel + 1}` : "Waveform", { channel });
    for (const channel of channels) add("power", many ? 120 : POWER, many ? `Spectrogram (kHz), channel ${channel + 1}` : "Spectrogram (kHz)", { channel });
    if (this.shown.curves) add("curves", CURVES, this.shown.curves.title);
    for (const track of this.tracks) add("track", TRACK, track.title, { track });
    return { lanes, bottom: y - GAP + 4, height: y - GAP + 4 + AXIS };
  },

  fit(canvas, width, height) {
    const scale = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  },

  draw() {
    const width = this.stage.clientWidth, words = this.model.get("fault");
    if (width < LEFT + RIGHT + 20) return;  // not seen: nothing is asked for
    if (!this.total || words) {
      this.canvas.hidden = this.over.hidden = true;
      this.trouble.textContent = words;
      this.root.dataset.complete = String(Boolean(words));
      return;
    }
    this.canvas.hidden = this.over.hidden = false;
    this.fold = Math.min(6, Math.max(0, Math.floor(Math.log2(this.rate / 2 / this.high) + 1e-9)));
    this.there = this.ask();
    const { lanes, bottom, height } = this.lanes(), context = this.fit(this.canvas, width, height), colours = coloursOf(this.root);
    this.layout = { lanes, bottom, height };
    this.counts = [];
    if (this.isAuto && this.there === 1) this.findContrast();
    this.shades ??= shades(this.contrast.map, this.top ?? 0, this.contrast.range, this.contrast.brightest);
    for (const lane of lanes) this.drawLane(context, lane, colours);
    this.drawAxis(context, bottom, colours);
    this.tellFaults();
    const share = this.whole.firstChild.style;
    share.left = `${100 * this.start / this.total}%`;
    share.width = `${100 * (this.stop - this.start) / this.total}%`;
    this.ui.refresh();
    this.say();
    this.root.dataset.complete = String(this.there === 1);
    this.drawn = { at: performance.now(), start: this.start, stop: this.stop, there: this.there };
    this.drawOver();
  },

  /** Ask for what is missing; returns how much of what is seen is there. */
  ask() {
    const perPixel = (this.stop - this.start) / this.width, wave = waveLevel(perPixel), power = powerLevel(perPixel);
    const tiles = (level, by, beside) => {
      const found = [];
      for (const channel of this.channels) {
        for (const index of indices(level.wave, COLUMNS, this.start, this.stop, this.total, by)) found.push(["wave", channel, level.wave, index, 0]);
        for (const index of indices(level.power, FRAMES, this.start, this.stop, this.total, beside)) found.push(["power", channel, level.power, index, this.fold]);
      }
      if (this.shown.curves) for (const index of indices(level.wave, COLUMNS, this.start, this.stop, this.total, by)) found.push(["curves", 0, level.wave, index, 0]);
      return found;
    };
    this.seen = tiles({ wave, power }, 0, 0);
    const next = [...tiles({ wave, power }, 1, 1)];
    const isMore = this.stop - this.start < this.total && perPixel < 2 ** 12;
    if (isMore) next.push(...tiles({ wave: wave + 1, power: power + 1 }, 0, 0));
    if (wave > 0) {  // zooming in shows the middle half
      const [start, stop] = [this.start, this.stop], quarter = (stop - start) / 4;
      Object.assign(this, { start: start + quarter, stop: stop - quarter });
      next.push(...tiles({ wave: wave - 1, power: Math.max(0, power - 1) }, 0, 0));
      Object.assign(this, { start, stop });
    }
    const known = new Set(this.seen.map(keyOf)), later = next.filter(wanted => !known.has(keyOf(wanted)) && known.add(keyOf(wanted)));
    return this.supply.want(this.seen, later);
  },

  findContrast() {
    const tiles = this.seen.filter(([kind]) => kind === "power").map(wanted => this.supply.get(...wanted)).filter(Boolean);
    if (!tiles.length) return;
    this.top = tiles[0].top;
    Object.assign(this.contrast, bestContrast(tiles));
    this.shades = null;
    this.isAuto = false;
  },

  drawLane(context, lane, colours) {
    let quiet = "";
    if (lane.kind === "track") {
      const found = drawTrack(context, lane.track, this.from, this.to, lane, colours, this.widths);
      this.counts.push(found);
      quiet = found.told;
    } else if (lane.kind === "power") this.drawSpectrogram(context, lane, colours);
    else this.drawLines(context, lane, colours);
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = colours.text;
    context.font = `600 13px ${colours.font}`;
    context.fillText(lane.title, 2, lane.titleY);
    let x = 2 + context.measureText(lane.title).width + 10;
    context.font = `12px ${colours.font}`;
    context.fillStyle = colours.muted;
    context.fillText(quiet, x, lane.titleY);
    if (lane.kind === "curves")
      this.shown.curves.names.forEach((name, i) => {
        if (!lane.seen.has(i)) return;
        context.fillStyle = this.shown.curves.colours[i];
        context.fillRect(x, lane.titleY - 9, 10, 10);
        context.fillStyle = colours.text;
        context.fillText(name, x + 14, lane.titleY);
        x += context.measureText(name).width + 28;
      });
  },

  drawLines(context, lane, colours) {
    const isWave = lane.kind === "wave", count = isWave ? 1 : this.shown.curves.names.length;
    const lines = [...Array(count).keys()].map(line => columnsOf(this.supply, lane.kind, lane.channel ?? 0, line, this, lane));
    let low = -0.04, high = 1.05;
    lane.seen = new Set(lines.flatMap((columns, i) => i === 0 || columns.some(pair => pair && pair[1] > 0.004) ? [i] : []));
    if (isWave) {
      const peak = Math.max(1e-9, ...lines[0].map(pair => pair ? Math.max(-pair[0], pair[1]) : 0));
      high = 1.08 * 2 ** (Math.ceil(4 * Math.log2(peak)) / 4);  // in steps, so that it does not flicker
      low = -high;
    }
    this.drawScale(context, lane, low, high, isWave ? 6 : 2, colours);
    context.save();
    context.beginPath();
    context.rect(lane.x, lane.y, lane.width, lane.height);
    context.clip();
    lines.forEach((columns, line) => {
      if (!lane.seen.has(line)) return;
      const colour = isWave ? colours.wave : this.shown.curves.colours[line];
      if ((this.stop - this.start) / this.width < 1) drawSamples(context, this.supply, lane.kind, lane.channel ?? 0, line, this, lane, low, high, colour);
      else drawLine(context, columns, lane, low, high, colour, isWave ? 1 : 1.8);
    });
    context.restore();
  },

  drawSpectrogram(context, lane, colours) {
    context.fillStyle = colours.sunken;
    context.fillRect(lane.x, lane.y, lane.width, lane.height);
    drawPower(context, this.supply, lane.channel, this.fold, this, lane, this.low, this.high, this.shades);
    this.drawScale(context, lane, this.low / 1000, this.high / 1000, lane.height > 130 ? 5 : 3, colours, false);
  },

  drawScale(context, lane, low, high, most, colours, lines = true) {
    const { at, digits } = ticks(low, high, most);
    context.font = `12px ${colours.font}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of at) {
      const y = Math.round(lane.y + lane.height * (1 - (value - low) / (high - low))) + 0.5;
      context.fillStyle = colours.muted;
      context.fillText(value.toFixed(digits), lane.x - 8, Math.min(lane.y + lane.height - 5, Math.max(lane.y + 5, y)));
      context.fillStyle = lines ? colours.line : colours.strong;
      context.fillRect(lines ? lane.x : lane.x - 5, y - 0.5, lines ? lane.width : 5, 1);
    }
  },

  drawAxis(context, y, colours) {
    const { at, digits } = ticks(this.from, this.to, Math.max(2, Math.floor(this.width / 90)));
    context.fillStyle = colours.strong;
    context.fillRect(LEFT, y, this.width, 1);
    context.font = `12px ${colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const seconds of at) {
      const x = LEFT + (seconds - this.from) / (this.to - this.from) * this.width;
      context.fillStyle = colours.strong;
      context.fillRect(Math.round(x), y, 1, 5);
      context.fillStyle = colours.muted;
      context.fillText(seconds.toFixed(digits), Math.min(LEFT + this.width - 12, x), y + 7);
    }
    context.fillStyle = colours.muted;
    context.fillText(this.shown.axis, LEFT + this.width / 2, y + 22);
  },

  tellFaults() {
    this.faults = [...new Set(this.seen.map(wanted => this.supply.fault(wanted)).filter(Boolean))];
    const words = this.faults.join("\n");
    if (this.trouble.textContent !== words) this.trouble.textContent = words;
  },

  drawOver() {
    if (!this.layout || !this.total) return;
    const { bottom, height, lanes } = this.layout, colours = coloursOf(this.root), context = this.fit(this.over, this.stage.clientWidth, height);
    const x = sample => LEFT + (sample - this.start) / (this.stop - this.start) * this.width;
    const upright = (at, colour, width) => {
      if (at < LEFT || at > LEFT + this.width) return;
      for (const [colourOf, wide] of [[colours.raised, width + 2], [colour, width]]) { context.fillStyle = colourOf; context.fillRect(at - wide / 2, 4, wide, bottom - 4); }
    };
    if (this.selection) {
      const left = Math.max(LEFT, x(this.selection[0])), right = Math.min(LEFT + this.width, x(this.selection[1]));
      if (right > left) {
        context.globalAlpha = 0.14;
        context.fillStyle = colours.accent;
        context.fillRect(left, 4, right - left, bottom - 4);
        context.globalAlpha = 1;
      }
      this.selection.forEach(edge => upright(x(edge), colours.accent, 1.5));
    }
    const place = this.player.place;
    if (place !== undefined) upright(x(place), colours.accent, 2);
    if (this.player.playing) this.redrawOver();
    this.drawTip(lanes, bottom);
  },

  drawTip(lanes, bottom) {
    const at = this.pointer, isOff = !at || at.x < LEFT || at.x > LEFT + this.width || at.y > bottom;
    this.tip.hidden = isOff;
    if (isOff) return;
    const seconds = this.shown.start + this.sampleAt(at.x) / this.rate, lane = lanes.find(one => at.y >= one.y && at.y <= one.y + one.height);
    const words = [`${seconds.toFixed(this.seconds < 0.5 ? 5 : 4)} s`];
    if (lane?.kind === "power") words.push(hertz(this.low + (1 - (at.y - lane.y) / lane.height) * (this.high - this.low)));
    if (lane?.kind === "track") {
      const i = lane.track.at(seconds, 3 * this.seconds / this.width);
      if (i !== undefined) words.unshift(lane.track.told(i));
    }
    this.tip.textContent = words.join(" · ");
    this.tip.style.left = `${Math.min(at.x + 12, this.stage.clientWidth - this.tip.offsetWidth - 4)}px`;
    this.tip.style.top = `${Math.max(0, at.y - 30)}px`;
  },
});

/** Return what a widget's module gives: a view of a class, for as long as it is shown. */
const showing = Kind => ({
  render({ model, el }) {
    const view = new Kind(model, el);
    return () => view.close();
  },
});
