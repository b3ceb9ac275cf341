// A list of folders to go about in by keyboard and mouse, as WAI-ARIA's listbox; asks the kernel for what is in another folder.

const TYPING = 1000;  // ms in which further letters belong to the same name

class FolderList {
  constructor(model, element) {
    Object.assign(this, { model, at: 0, typed: "", lastTyped: 0, goesOn: false });
    this.root = make("div", { role: "listbox" });
    this.root.dataset.lmSuppressShortcuts = "true";  // in JupyterLab these keys would act on cells
    this.root.addEventListener("click", event => this.clicked(event));
    this.root.addEventListener("keydown", event => this.pressed(event));
    element.append(this.root);
    this.close = follow(model, ["change:_listed"], () => this.draw());
    this.draw();
  }

  draw() {
    const { name, turn, at, entries } = this.model.get("_listed");
    this.turn = turn;
    this.at = at;
    this.typed = "";
    this.root.setAttribute("aria-label", `Folders in ${name}`);
    this.entries = entries.map(([words, held]) => {
      const entry = make("div", { role: "option", className: "dss-entry", tabIndex: -1, "aria-selected": "false" }, words);
      if (held) entry.append(" ", make("span", { className: "dss-muted dss-small" }, held));
      return entry;
    });
    const none = { role: "option", className: "dss-no-entry", tabIndex: 0, "aria-selected": "false", "aria-disabled": "true" };
    const shown = this.entries.length ? this.entries : [make("div", none, "No folders in here.")];
    this.root.replaceChildren(...shown);
    if (this.entries.length) this.mark(at);
    if (this.goesOn) this.root.querySelector("[tabindex='0']").focus();
    this.goesOn = false;
  }

  mark(at) {
    for (const [entry, isAt] of [[this.entries[this.at], false], [this.entries[at], true]]) {
      entry.tabIndex = isAt ? 0 : -1;
      entry.setAttribute("aria-selected", isAt);
    }
    this.at = at;
  }

  move(to) {
    if (!this.entries.length) return;
    this.mark(Math.max(0, Math.min(this.entries.length - 1, to)));
    this.entries[this.at].focus();
  }

  ask(message) {
    this.goesOn = true;
    this.model.send({ turn: this.turn, ...message });
  }

  open() { if (this.entries.length) this.ask({ open: this.at }); }

  find(letter) {
    const now = performance.now();
    this.typed = now - this.lastTyped < TYPING ? this.typed + letter.toLowerCase() : letter.toLowerCase();
    this.lastTyped = now;
    const isSame = [...this.typed].every(one => one === this.typed[0]);  // one letter, again and again: from match to match
    const sought = isSame ? this.typed[0] : this.typed, first = isSame ? this.at + 1 : this.at;
    for (let i = 0; i < this.entries.length; i++) {
      const number = (first + i) % this.entries.length;
      if (this.entries[number].firstChild.data.toLowerCase().startsWith(sought)) return this.move(number);
    }
  }

  clicked(event) {
    const number = this.entries.indexOf(event.target.closest("[role=option]"));
    if (number < 0) return;
    this.mark(number);
    this.open();
  }

  pressed(event) {
    const page = Math.max(1, Math.floor(this.root.parentElement.clientHeight / (this.entries[0]?.offsetHeight || 32)) - 1);
    const keys = {
      ArrowDown: () => this.move(this.at + 1), ArrowUp: () => this.move(this.at - 1),
      PageDown: () => this.move(this.at + page), PageUp: () => this.move(this.at - page),
      Home: () => this.move(0), End: () => this.move(this.entries.length - 1),
      Enter: () => this.open(), ArrowRight: () => this.open(),
      ArrowLeft: () => this.ask({ up: true }), Backspace: () => this.ask({ up: true }),
      Escape: () => this.model.send({ turn: this.turn, close: true }),
    };
    const isTyping = this.typed && performance.now() - this.lastTyped < TYPING;
    const isLetter = event.key.length === 1 && (event.key !== " " || isTyping);
    const act = isLetter ? () => this.find(event.key) : event.key === " " ? keys.Enter : keys[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!isLetter) this.typed = "";  // after another key a new name begins
    act();
  }
}

export default { render: ({ model, el }) => { const list = new FolderList(model, el); return () => list.close(); } };
