// Sends the files that were chosen or dropped, piece by piece, each when the one before has been answered.

const PATIENCE = 120_000, MOST_LISTED = 5000;

/** Return the files in what was dropped, those in folders too: [path, file]. */
async function dropped(items) {
  const found = [];
  const walk = async (entry, before) => {
    if (found.length > MOST_LISTED) return;
    if (entry.isFile) {
      const file = await new Promise((done, fail) => entry.file(done, fail));
      found.push([before + entry.name, file]);
      return;
    }
    const reader = entry.createReader();
    for (;;) {  // a reader gives a hundred at a time
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length) return;
      for (const one of some) await walk(one, `${before}${entry.name}/`);
    }
  };
  const entries = [...items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);  // gone after the first wait
  for (const entry of entries) await walk(entry, "");
  return found;
}

class Upload {
  constructor(model, element) {
    Object.assign(this, { model, turn: 0, isSending: false });
    const chosen = event => { this.send([...event.target.files].map(file => [file.webkitRelativePath || file.name, file])); };
    this.files = make("input", { type: "file", multiple: true, onchange: chosen });
    this.folder = make("input", { type: "file", webkitdirectory: true, onchange: chosen });  // never in the page: its button is
    this.pick = make("button", { type: "button", className: "dss-copy", textContent: "Choose a folder…", onclick: () => this.folder.click() });
    this.cancel = make("button", { type: "button", className: "dss-copy dss-upload-cancel", textContent: "Cancel", hidden: true, onclick: () => this.stop("cancel") });
    const label = make("label", { className: "dss-upload-label" }, make("span", {}, "Upload from your machine"), this.files);
    const limit = make("span", { className: "dss-muted dss-small" }, model.get("limit"));
    this.root = make("div", { className: "dss-upload-drop" }, label, this.pick, this.cancel, limit);
    const over = on => event => { event.preventDefault(); this.root.classList.toggle("dss-over", on && !this.isSending); };
    this.root.addEventListener("dragover", over(true));
    this.root.addEventListener("dragleave", over(false));
    this.root.addEventListener("drop", event => { over(false)(event); this.drop(event.dataTransfer.items); });
    element.append(this.root);
    const heard = answer => this.heard?.(answer);
    model.on("msg:custom", heard);
    this.close = () => { this.heard?.({ stopped: true }); model.off("msg:custom", heard); };
  }

  async drop(items) {
    if (this.isSending) return;
    try {
      await this.send(await dropped(items));
    } catch {
      this.model.send({ turn: ++this.turn, fail: true });
    }
  }

  /** Say something; returns the answer, or none where it is not to go on. */
  async say(message, piece) {
    const turn = ++this.turn;
    const answer = await new Promise(done => {
      const timer = setTimeout(() => done(null), PATIENCE);
      this.heard = told => { if (told.stopped || told.turn === turn) { clearTimeout(timer); done(told); } };
      this.model.send({ turn, ...message }, undefined, piece ? [piece] : []);
    });
    this.heard = null;
    return answer?.go && !this.stopped ? answer : null;
  }

  async send(found) {
    if (!found.length || this.isSending) return;
    this.begun();
    try {
      await this.sendAll(found);
    } catch {  // a file that is gone, or may not be read
      await this.say({ fail: true });
    } finally {
      this.ended();
    }
  }

  async sendAll(found) {
    const begun = await this.say({ begin: found.slice(0, MOST_LISTED + 1).map(([path, file]) => [path, file.size]) });
    if (!begun) return;
    for (const [number, index] of begun.wanted.entries()) {
      const file = found[index][1];
      for (let at = 0; at < file.size; at += begun.piece) {
        const piece = await Promise.race([file.slice(at, at + begun.piece).arrayBuffer(), this.cancelled]);  // a disk may hang
        if (this.stopped || !await this.say({ number, at }, piece)) return;
      }
    }
    await this.say({ end: true });
  }

  begun() {
    Object.assign(this, { isSending: true, stopped: false });
    this.cancelled = new Promise(done => { this.wake = done; });
    this.files.disabled = this.pick.disabled = true;
    this.cancel.hidden = false;
  }

  ended() {
    const hadFocus = document.activeElement === this.cancel;
    this.isSending = this.files.disabled = this.pick.disabled = false;
    this.cancel.hidden = true;
    this.files.value = this.folder.value = "";
    if (hadFocus) this.files.focus();
  }

  stop(why) {
    this.stopped = true;
    this.wake?.();
    this.model.send({ turn: ++this.turn, [why]: true });
    this.heard?.({ stopped: true });
  }
}

export default { render: ({ model, el }) => { const upload = new Upload(model, el); return () => upload.close(); } };
