/** Imported before anything else: an older Node would fail on what follows without saying why. */
const [major, minor] = process.versions.node.split('.').map(Number);

const isSupported = major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19);

if (!isSupported) {
  console.error(
    `Tollgate needs Node 20.19, 22.13, 24 or newer; this is ${process.version}. Install another one from https://nodejs.org.`,
  );
  process.exit(1);
}
