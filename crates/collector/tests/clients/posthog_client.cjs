// Sends what a bank's server would, with PostHog's own client, in both of its protocols. Fails when the client reports an error.
const { PostHog } = require("posthog-node");

async function main() {
  for (const mode of ["v0", "v1"]) {
    process.env.POSTHOG_CAPTURE_MODE = mode;
    const client = new PostHog("key", { host: process.argv[2], flushInterval: 50 });
    client.on("error", (error) => { console.error(error); process.exitCode = 1; });
    client.capture({ distinctId: "u1", event: `fund bought ${mode}`, properties: { fund: "F100", revenue: 2500.5 } });
    for (let n = 0; n < 100; n++) client.capture({ distinctId: "u2", event: `numbered ${mode}`, properties: { n } });
    await client.shutdown(20000);
  }
}

main();
