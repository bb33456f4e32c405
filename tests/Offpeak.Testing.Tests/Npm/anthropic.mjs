// Usage: node anthropic.mjs BASE_URL run|cancel. Prints what the official client made of the emulator's answers.
import Anthropic from '@anthropic-ai/sdk';

const [baseURL, verb] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey: 'sk-test', maxRetries: 0 });
const params = text => ({ model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content: text }] });
const create = count => client.messages.batches.create({
  requests: Array.from({ length: count }, (_, i) => ({ custom_id: `r-${i + 1}`, params: params(`Question number ${i + 1}`) })),
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
  const created = [await create(5), await create(1), await create(1)];
  const batch = await client.messages.batches.retrieve(created[0].id);
  const listed = [];
  for await (const item of client.messages.batches.list({ limit: 2 }))
    listed.push(item.id);
  const results = [];
  for await (const item of await client.messages.batches.results(batch.id))
    results.push(item);
  const message = await client.messages.create(params('Where is my parcel?'));
  return {
    created: created.map(item => item.id),
    listed,
    batch,
    results,
    message: message.content[0].text,
    lateCancel: await refusalOf(() => client.messages.batches.cancel(batch.id)),
    deleted: (await client.messages.batches.delete(batch.id)).type,
    unknown: await refusalOf(() => client.messages.batches.retrieve('msgbatch_unknown')),
  };
}

async function cancel() {
  const created = await create(3);
  const cancelled = await client.messages.batches.cancel(created.id);
  return {
    created: created.processing_status,
    cancelled: cancelled.processing_status,
    again: (await client.messages.batches.retrieve(created.id)).processing_status,
  };
}

console.log(JSON.stringify(await { run, cancel }[verb]()));
