// Preloaded into the built gateway, which stays as it is: tells the benchmark what the process has used.
const RSS_SAMPLE_MS = 200;
let rssBytesMax = 0;
setInterval(() => {
  rssBytesMax = Math.max(rssBytesMax, process.memoryUsage.rss());
}, RSS_SAMPLE_MS).unref();
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ kind: 'USAGE', cpuUs: user + system, rssBytesMax });
  rssBytesMax = 0;
});
process.channel?.unref();
