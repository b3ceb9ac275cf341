// Playing: pieces come from the kernel as they are needed, one ahead, and are put together without a gap.

const PIECE = 2 ** 16, MOST_PIECES = 64;

class Player {
  /** @param send asks the kernel for a piece; @param changed is called when playing begins, ends or fails. */
  constructor(send, changed) {
    this.send = send;
    this.changed = changed;
    this.take = 0;
    this.stretch = null;
    this.fault = "";
    this.pieces = [];  // what the browser plays, for whoever wants to look
  }

  get playing() { return this.stretch !== null; }

  /** Play samples from start to stop of a channel, slowed down so many times, with frequencies from low to high. */
  play(stretch) {
    this.stop();
    this.context ??= new AudioContext();
    this.context.resume();
    this.stretch = stretch;
    this.fault = "";
    this.pieces = [];
    this.nodes = [];
    this.begun = null;
    this.due = null;
    this.take++;
    this.ask(0);
    this.changed();
  }

  ask(piece) {
    this.waiting = piece;
    const { start, stop, channel, slowed, low, high } = this.stretch;
    this.send({ kind: "play", page: this.page, take: this.take, piece, start, stop, channel, slowed, low, high });
  }

  took(answer, buffer) {
    if (!this.stretch || answer.take !== this.take || answer.page !== this.page) return;
    if (answer.fault) { this.fault = answer.fault; this.stop(); return; }
    const samples = new Float32Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength));
    const audio = this.context.createBuffer(1, samples.length, answer.rate);
    audio.copyToChannel(samples, 0);
    this.pieces[answer.piece] = audio;
    this.total = answer.samples;
    this.rate = answer.rate;
    delete this.pieces[answer.piece - MOST_PIECES];  // asked for again, if it is played in a loop
    if (this.waiting === answer.piece) this.schedule(answer.piece);
  }

  schedule(piece) {
    const audio = this.pieces[piece], isLast = piece * PIECE + audio.length >= this.total, node = this.context.createBufferSource();
    node.buffer = audio;
    node.connect(this.context.destination);
    this.due ??= this.context.currentTime + 0.05;
    this.begun ??= this.due;
    if (this.stretch.loop && isLast && piece === 0) {
      node.loop = true;
      node.start(this.due);
      this.nodes.push(node);
      return;
    }
    node.start(this.due);
    this.due += audio.duration;
    this.nodes.push(node);
    const { take } = this;
    if (isLast && !this.stretch.loop) { node.onended = () => take === this.take && this.stop(); return; }
    const next = isLast ? 0 : piece + 1;
    const ahead = () => {  // one piece ahead of what is heard
      if (take !== this.take || !this.stretch) return;
      if (this.due - this.context.currentTime > 2.5) { setTimeout(ahead, 200); return; }
      if (this.pieces[next]) { this.waiting = next; this.schedule(next); } else this.ask(next);
    };
    ahead();
  }

  stop() {
    if (!this.stretch) return;
    this.stretch = null;
    this.take++;
    for (const node of this.nodes) { node.onended = null; node.stop(); node.disconnect(); }
    this.nodes = [];
    this.changed();
  }

  /** Return which sample is heard at this moment; undefined: none. */
  get place() {
    if (!this.stretch || this.begun === null) return undefined;
    const during = this.total / this.rate, gone = Math.max(0, this.context.currentTime - this.begun);
    const share = this.stretch.loop ? (gone / during) % 1 : Math.min(1, gone / during);
    return this.stretch.start + share * (this.stretch.stop - this.stretch.start);
  }

  close() {
    this.stop();
    this.context?.close();
  }
}
