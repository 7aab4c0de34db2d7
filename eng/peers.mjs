// Times npm's scanners on the texts of a JSONL file: node peers.mjs texts.jsonl, copied beside node_modules. Prints a JSON line for each.
import { readFileSync } from "node:fs";

const texts = readFileSync(process.argv[2], "utf8").trim().split("\n").map(line => JSON.parse(line).text);

async function peers() {
  const { vard } = await import("@andersmyrmel/vard");
  const { createAIDefence } = await import("@claude-flow/aidefence");
  const scan = vard.moderate().maxLength(10_000_000);
  const defence = createAIDefence({ enableLearning: false });
  return [["vard moderate", text => scan.safeParse(text)], ["aidefence detect", text => defence.detect(text)]];
}

for (const [name, scan] of await peers()) {
  const times = [];
  for (let round = 0; round < 4; round++) {
    for (const text of texts) {
      const began = process.hrtime.bigint();
      await scan(text);
      if (round > 0) times.push(Number(process.hrtime.bigint() - began) / 1000);
    }
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ name, p50_us: times[times.length >> 1] }));
}
