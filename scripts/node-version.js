/** Imported before anything else: an older Node would fail on what follows without saying why. */
const [major, minor] = process.versions.node.split('.').map(Number);

// Versions that package.json does not name, but that can run it, are left to npm's warning.
const isSupported = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);

if (!isSupported) {
  console.error(
    `Tollgate needs Node 20.19, 22.13, 24 or newer; this is ${process.version}. Install another one from https://nodejs.org.`,
  );
  process.exit(1);
}
