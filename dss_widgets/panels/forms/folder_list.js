// A list of folders to go about in by keyboard and mouse, as WAI-ARIA's listbox. The element is the list; it does the moving
// itself, and asks the kernel for what is in another folder.
const list = this, picker = list.closest('.dss-picker'), frame = list.parentElement;
const entries = [...list.children], here = entries.indexOf(event.target.closest('[role=option]'));

const move = (to) => {
  const next = entries[Math.max(0, Math.min(entries.length - 1, to))];
  for (const entry of entries) {
    entry.tabIndex = entry === next ? 0 : -1;
    entry.setAttribute('aria-selected', entry === next);
  }
  next.focus();
};

const goOnInTheNextList = () =>
  new MutationObserver((_, watch) => {
    const next = frame.querySelector('[tabindex="0"]');
    if (!next) return;
    watch.disconnect();
    next.focus();
  }).observe(frame, {childList: true});

const open = () => {
  if (here < 0 || entries[here].getAttribute('aria-disabled')) return;
  const pipe = picker.querySelector('.dss-picker-pipe input');
  goOnInTheNextList();
  pipe.value = JSON.stringify({turn: +list.dataset.turn, number: here});
  pipe.dispatchEvent(new Event('input', {bubbles: true}));
};

const goUp = () => {
  const up = picker.querySelector('.dss-up');
  if (up.disabled) return;
  goOnInTheNextList();
  up.click();
};

const close = () => picker.parentElement.closest('.dss-path')?.querySelector('.dss-browse').click();

const moveTo = (letter) => {
  const ordered = [...entries.slice(here + 1), ...entries.slice(0, here + 1)];
  const found = ordered.find(entry => entry.innerText.toLowerCase().startsWith(letter.toLowerCase()));
  if (found) move(entries.indexOf(found));
};

const keys = {
  ArrowDown: () => move(here + 1), ArrowUp: () => move(here - 1), Home: () => move(0), End: () => move(entries.length - 1),
  Enter: open, ' ': open, ArrowRight: open, ArrowLeft: goUp, Backspace: goUp, Escape: close,
};

if (event.type === 'click') {
  open();
} else if (!event.ctrlKey && !event.altKey && !event.metaKey && (keys[event.key] || event.key.length === 1)) {
  event.preventDefault();
  event.stopPropagation();
  keys[event.key] ? keys[event.key]() : moveTo(event.key);
}
