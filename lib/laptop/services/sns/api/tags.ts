import { AwsError } from "../../../shared/aws-error.ts";
import type { Store } from "../store.ts";
import type { Topic } from "../topics/topic.ts";
import { type Handlers, NOTHING, type SnsCall } from "./handler.ts";

/** Tags that a topic can have: sns/latest/dg/sns-tags. */
const TAGS = 50;

/** The actions on tags. */
export function tagActions(store: Store): Handlers {
  const topicOf = ({ input }: SnsCall): Topic => {
    const topic = store.find(input.text("ResourceArn"));
    if (topic === undefined) throw new AwsError("ResourceNotFound", "Resource does not exist", 404);
    return topic;
  };
  return {
    ListTagsForResource: (call) => ({ Tags: [...topicOf(call).tags].map(([Key, Value]) => ({ Key, Value })) }),
    TagResource: (call) => {
      const topic = topicOf(call);
      const tags = new Map([...topic.tags, ...Object.entries(call.input.tags())]);
      checkTags(tags.size);
      for (const [key, value] of tags) topic.tags.set(key, value);
      store.save(topic);
      return NOTHING;
    },
    UntagResource: (call) => {
      const topic = topicOf(call);
      for (const key of call.input.list("TagKeys")) topic.tags.delete(String(key));
      store.save(topic);
      return NOTHING;
    },
  };
}

/** @throws AwsError where a topic would have more tags than it can */
export function checkTags(count: number): void {
  if (count > TAGS) throw new AwsError("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded");
}
