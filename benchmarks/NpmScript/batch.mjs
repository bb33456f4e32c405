// What people write with the official client: upload, create, poll, download. Nothing is remembered; a crash pays twice.
import { createReadStream, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import OpenAI from "openai";

const [input, output] = process.argv.slice(2);
const client = new OpenAI();
const file = await client.files.create({ file: createReadStream(input), purpose: "batch" });
let batch = await client.batches.create({ input_file_id: file.id, endpoint: "/v1/responses", completion_window: "24h" });
while (!["completed", "failed", "expired", "cancelled"].includes(batch.status)) {
  batch = await client.batches.retrieve(batch.id);
  if (batch.status !== "completed") await setTimeout(200);
}

if (batch.status !== "completed") throw new Error(`The batch is ${batch.status}.`);

const answers = await (await client.files.content(batch.output_file_id)).text();
const rows = answers.trimEnd().split("\n").map((line) => {
  const { custom_id: id, response } = JSON.parse(line);
  const text = response.body.output.flatMap((item) => item.content ?? []).map((part) => part.text).join("");
  return JSON.stringify({ id, text, usage: response.body.usage });
});
writeFileSync(output, rows.join("\n") + "\n");
