import { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { clientConfig, runResources } from "../../../support/cloud-support.ts";

const TopicArn = { Type: "AWS::SSM::Parameter", Properties: { Name: "/shop/topics/orders", Type: "String", Value: "an-arn" } };

test("a parameter of the template is read by name, by names and by path", async () => {
  const cloud = await runResources({ TopicArn }, { parameters: { "/shop/topics/deep/er": "x" } });
  const client = new SSMClient(clientConfig(cloud));
  const { Parameter } = await client.send(new GetParameterCommand({ Name: "/shop/topics/orders" }));
  expect(Parameter).toMatchObject({ Value: "an-arn", Type: "String", Version: 1 });
  const named = await client.send(new GetParametersCommand({ Names: ["/shop/topics/orders", "/none"] }));
  expect(named.InvalidParameters).toEqual(["/none"]);
  const namesBelow = async (Path: string, Recursive: boolean) => {
    const { Parameters = [] } = await client.send(new GetParametersByPathCommand({ Path, Recursive }));
    return Parameters.map(({ Name }) => Name);
  };
  expect(await namesBelow("/shop/topics", false)).toEqual(["/shop/topics/orders"]);
  expect(await namesBelow("/shop", true)).toEqual(["/shop/topics/deep/er", "/shop/topics/orders"]);
});

test("a parameter is overwritten only when asked, and is gone when deleted", async () => {
  const cloud = await runResources({});
  const client = new SSMClient(clientConfig(cloud));
  const write = (Value: string, Overwrite?: boolean) =>
    client.send(
      new PutParameterCommand({ Name: "/a", Value, Type: "String", ...(Overwrite === undefined ? {} : { Overwrite }) }),
    );
  await write("1");
  await expect(write("2")).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
  expect((await write("2", true)).Version).toBe(2);
  await client.send(new DeleteParameterCommand({ Name: "/a" }));
  await expect(client.send(new GetParameterCommand({ Name: "/a" }))).rejects.toMatchObject({ name: "ParameterNotFound" });
});

test("an e-mail lies in the mailbox, which can be read over HTTP", async () => {
  const cloud = await runResources({});
  const client = new SESv2Client(clientConfig(cloud));
  const { MessageId } = await client.send(
    new SendEmailCommand({
      FromEmailAddress: "shop@example.com",
      Destination: { ToAddresses: ["ada@example.com"] },
      Content: { Simple: { Subject: { Data: "Your order" }, Body: { Text: { Data: "It is on its way." } } } },
    }),
  );
  const expected = {
    messageId: MessageId,
    from: "shop@example.com",
    to: ["ada@example.com"],
    subject: "Your order",
    text: "It is on its way.",
  };
  expect(cloud.mailbox.emails).toMatchObject([expected]);
  expect(await (await fetch(`${cloud.endpoint}/_fanfare/mailbox`)).json()).toMatchObject([expected]);
});

test("a raw e-mail is read by its headers", async () => {
  const cloud = await runResources({});
  const raw = "From: shop@example.com\r\nTo: ada@example.com, bob@example.com\r\nSubject: Hello\r\n\r\nSubject: not this\r\n";
  await new SESv2Client(clientConfig(cloud)).send(new SendEmailCommand({ Content: { Raw: { Data: Buffer.from(raw) } } }));
  expect(cloud.mailbox.emails).toMatchObject([
    { from: "shop@example.com", to: ["ada@example.com", "bob@example.com"], subject: "Hello", raw },
  ]);
});

test.each(["bounce@simulator.amazonses.com", "reject@example.com", "Ada <reject@example.com>"])(
  "an e-mail to %s is refused",
  async (address) => {
    const cloud = await runResources({});
    const send = new SESv2Client(clientConfig(cloud)).send(
      new SendEmailCommand({
        FromEmailAddress: "shop@example.com",
        Destination: { ToAddresses: [address] },
        Content: { Simple: { Subject: { Data: "s" }, Body: { Text: { Data: "t" } } } },
      }),
    );
    await expect(send).rejects.toMatchObject({ name: "MessageRejected" });
    expect(cloud.mailbox.emails).toEqual([]);
  },
);
