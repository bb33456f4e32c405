// Usage: node gemini.mjs BASE_URL run|files|cancel. Prints what the official client made of the emulator's answers.
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleGenAI } from '@google/genai';

const [baseUrl, verb] = process.argv.slice(2);
const model = 'gemini-2.5-flash';
const ai = new GoogleGenAI({ apiKey: 'test-key', httpOptions: { baseUrl } });
const contents = text => [{ role: 'user', parts: [{ text }] }];
const create = (count, name) => ai.batches.create({
  model,
  src: Array.from({ length: count }, (_, i) => ({ contents: contents(`Question number ${i + 1}`), metadata: { key: `r-${i + 1}` } })),
  config: { displayName: name },
});

async function refusalOf(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, message: error.message };
  }
}

async function run() {
  const created = [await create(5, 'k-1'), await create(1, 'k-2'), await create(1, 'k-3')];
  const batch = await ai.batches.get({ name: created[0].name });
  const listed = [];
  for await (const item of await ai.batches.list({ config: { pageSize: 2 } }))
    listed.push(item.name);
  const answer = await ai.models.generateContent({ model, contents: 'Where is my parcel?' });
  await ai.batches.delete({ name: batch.name });
  return {
    created: created.map(item => item.name),
    listed,
    batch: { name: batch.name, state: batch.state, displayName: batch.displayName },
    results: batch.dest.inlinedResponses.map(item => ({ key: item.metadata.key, text: item.response.candidates[0].content.parts[0].text })),
    answer: answer.text,
    unknown: await refusalOf(() => ai.batches.get({ name: batch.name })),
  };
}

async function files() {
  const lines = [1, 2, 3].map(i => JSON.stringify({ key: `r-${i}`, request: { contents: contents(`Question number ${i}`) } }));
  const input = await ai.files.upload({
    file: new Blob([lines.join('\n')], { type: 'application/jsonl' }),
    config: { displayName: 'in', mimeType: 'application/jsonl' },
  });
  const created = await ai.batches.create({ model, src: input.name, config: { displayName: 'k-file' } });
  const batch = await ai.batches.get({ name: created.name });
  const downloadPath = join(tmpdir(), `offpeak-${process.pid}.jsonl`);
  await ai.files.download({ file: batch.dest.fileName, downloadPath });
  const text = await readFile(downloadPath, 'utf8');
  await rm(downloadPath);
  await ai.files.delete({ name: input.name });
  return { state: batch.state, keys: text.trimEnd().split('\n').map(line => JSON.parse(line).key) };
}

async function cancel() {
  const created = await create(3, 'k-1');
  await ai.batches.cancel({ name: created.name });
  return { created: created.state, again: (await ai.batches.get({ name: created.name })).state };
}

console.log(JSON.stringify(await { run, files, cancel }[verb]()));
