// Usage: node openai.mjs BASE_URL run|cancel. Prints what the official client made of the emulator's answers.
import OpenAI, { toFile } from 'openai';

const [baseURL, verb] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'sk-test', maxRetries: 0 });
const lines = count => Array.from({ length: count }, (_, i) => JSON.stringify({
  custom_id: `r-${i + 1}`,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'gpt-5-nano', messages: [{ role: 'user', content: `Question number ${i + 1}` }] },
})).join('\n');

async function create(count) {
  const file = await client.files.create({ file: await toFile(Buffer.from(lines(count)), 'in.jsonl'), purpose: 'batch' });
  return client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { key: 'k-1' },
  });
}

async function refusalOf(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, message: error.message };
  }
}

async function run() {
  const created = [await create(5), await create(1), await create(1)];
  const batch = await client.batches.retrieve(created[0].id);
  const listed = [];
  for await (const item of client.batches.list({ limit: 2 }))
    listed.push(item.id);
  const output = await (await client.files.content(batch.output_file_id)).text();
  const chat = await client.chat.completions.create({ model: 'gpt-5-nano', messages: [{ role: 'user', content: 'Where is my parcel?' }] });
  const response = await client.responses.create({ model: 'gpt-5-nano', input: 'Where is my parcel?' });
  return {
    created: created.map(item => item.id),
    listed,
    batch,
    results: output.trimEnd().split('\n').map(line => JSON.parse(line)),
    chat: chat.choices[0].message.content,
    response: response.output_text,
    lateCancel: await refusalOf(() => client.batches.cancel(batch.id)),
    unknown: await refusalOf(() => client.batches.retrieve('batch_unknown')),
    deleted: (await client.files.delete(batch.input_file_id)).deleted,
  };
}

async function cancel() {
  const created = await create(3);
  const cancelled = await client.batches.cancel(created.id);
  return { created: created.status, cancelled: cancelled.status, again: (await client.batches.retrieve(created.id)).status };
}

console.log(JSON.stringify(await { run, cancel }[verb]()));
