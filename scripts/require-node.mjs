// Imported first, so that an older Node gets this sentence and not a failure somewhere inside.
const WANTED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1])) {
  process.stderr.write(`flora-asr needs Node ${WANTED.join('.')} or newer; this is Node ${process.versions.node}.\n`);
  process.exit(1);
}
