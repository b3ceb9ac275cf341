// Sends the files that were chosen, piece by piece, each when the one before has been answered. The element is the file input.
const input = this, root = input.closest('.dss-upload'), pipe = root.querySelector('.dss-upload-pipe textarea');
const pieceBytes = +input.dataset.pieceBytes;

const answer = () => {
  const told = root.querySelector('[data-turn]');
  return [+told.dataset.turn, told.dataset.say];
};

const say = async (message) => {
  const turn = answer()[0] + 1;
  pipe.value = JSON.stringify({turn, ...message});
  pipe.dispatchEvent(new Event('input', {bubbles: true}));
  for (let i = 0; i < 6000; i++) {
    await new Promise(done => setTimeout(done, 20));
    if (answer()[0] >= turn) return answer()[1] === 'go';
  }
  return false;
};

const read = piece => new Promise((done, fail) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.split(',')[1] || '');
  reader.onerror = fail;
  reader.readAsDataURL(piece);
});

const send = async (files) => {
  if (!await say({begin: files.map(file => [file.name, file.size])})) return;
  for (const [number, file] of files.entries())
    for (let at = 0; at < file.size; at += pieceBytes)
      if (!await say({number, at, data: await read(file.slice(at, at + pieceBytes))})) return;
  await say({end: true});
};

(async () => {
  const files = [...input.files];
  if (!files.length) return;
  input.disabled = true;
  try {
    await send(files);
  } catch (error) {
    await say({fail: true});
  } finally {
    input.disabled = false;
    input.value = '';
  }
})();
