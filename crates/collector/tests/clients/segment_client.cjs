// Sends what a bank's server would, with Segment's own client. Fails when the client reports an error.
const { Analytics } = require("@segment/analytics-node");

async function main() {
  const client = new Analytics({ writeKey: "key", host: process.argv[2], flushInterval: 50, maxRetries: 2 });
  client.on("error", (error) => { console.error(error); process.exitCode = 1; });
  client.identify({ userId: "u1", anonymousId: "v1", traits: { plan: "gold" } });
  client.track({ userId: "u1", event: "Fund Bought", properties: { product_id: "F100", revenue: 2500.5 } });
  client.page({ userId: "u1", name: "Funds" });
  client.screen({ anonymousId: "v1", name: "Start" });
  client.group({ userId: "u1", groupId: "branch-7", traits: { city: "长沙" } });
  for (let n = 0; n < 100; n++) client.track({ userId: "u2", event: `Numbered ${n}`, properties: { n } });
  await client.closeAndFlush({ timeout: 20000 });
}

main();
