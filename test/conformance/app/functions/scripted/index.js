const { record } = require("./record.js");
const { act } = require("./act.js");

/**
 * Does what its messages say, and keeps a record of each message for the test to read. A message is JSON:
 * `{ run, key, script? }`; what a script can say is in act.js. Messages come from SQS, SNS, DynamoDB streams, or as the event itself.
 */
exports.handler = async (event, context) => {
  const messages = (event.Records ?? [event]).map(read);
  const finish = await record(messages, context);
  const answer = await act(messages, event);
  await finish();
  return answer;
};

function read(source) {
  const { run, key, script } = JSON.parse(bodyOf(source));
  const { ApproximateReceiveCount = "1", MessageGroupId } = source.attributes ?? {};
  return {
    run,
    key,
    script,
    source,
    id: source.messageId,
    receiveCount: Number(ApproximateReceiveCount),
    group: MessageGroupId,
  };
}

function bodyOf(source) {
  if (source.eventSource === "aws:sqs") return source.body;
  if (source.EventSource === "aws:sns") return source.Sns.Message;
  if (source.eventSource === "aws:dynamodb") return (source.dynamodb.NewImage ?? source.dynamodb.OldImage).message.S;
  return JSON.stringify(source);
}
