const { ChangeMessageVisibilityCommand, SQSClient } = require("@aws-sdk/client-sqs");
const { setTimeout: sleep } = require("node:timers/promises");

const sqs = new SQSClient();

/**
 * Does what the scripts of a batch say, and answers. A script holds for the first `times` receives of its message (1 by default):
 *
 * - `fail`: the message is reported as failed
 * - `answer`: the function's whole answer is this
 * - `sleepMilliseconds`: waits
 * - `hideSeconds`: sets the message's visibility timeout first
 * - `end`: `throw`, `exit`, `hang`, `memory`, `reject`: how the invocation ends
 */
exports.act = async (messages) => {
  const due = messages.filter(({ script, receiveCount }) => script && receiveCount <= (script.times ?? 1));
  for (const { script, source } of due) {
    if (script.hideSeconds !== undefined) await hide(source, script.hideSeconds);
    if (script.sleepMilliseconds !== undefined) await sleep(script.sleepMilliseconds);
    if (script.end !== undefined) await ENDS[script.end]();
  }
  const answering = due.find(({ script }) => "answer" in script);
  if (answering) return answering.script.answer;
  return { batchItemFailures: due.filter(({ script }) => script.fail).map(({ id }) => ({ itemIdentifier: id })) };
};

async function hide({ receiptHandle }, VisibilityTimeout) {
  const QueueUrl = process.env.HIDING_QUEUE_URL;
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }));
}

const ENDS = {
  throw() {
    throw new Error("as the script says");
  },
  exit() {
    process.exit(1);
  },
  async hang() {
    await sleep(60_000);
  },
  memory() {
    const held = [];
    for (;;) held.push(new Array(1_000_000).fill(held.length));
  },
  async reject() {
    void Promise.reject(new Error("nobody handles this"));
    await sleep(60_000);
  },
};
