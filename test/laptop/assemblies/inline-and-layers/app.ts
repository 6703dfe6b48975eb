import { join } from "node:path";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { Code, Function, FunctionUrlAuthType, LayerVersion, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { type App, Stack } from "aws-cdk-lib/core";

/** Callback style, as functions of older runtimes are written, and a module of a layer. */
const GREETER = `
const { greet } = require("/opt/nodejs/greeting");
exports.handler = (event, context, callback) => {
  const name = (event.queryStringParameters || {}).name || "nobody";
  callback(null, { statusCode: 200, headers: { "content-type": "text/plain" }, body: greet(name) + " from " + context.functionVersion });
};`;

/** Functions of every kind of code: in the template, in a layer, bundled by the CDK without the SDK, and in Python. */
export function addInlineAndLayers(app: App): void {
  const stack = new Stack(app, "inline-and-layers");
  const greeter = new Function(stack, "Greeter", {
    runtime: Runtime.NODEJS_20_X,
    handler: "index.handler",
    code: Code.fromInline(GREETER),
    layers: [new LayerVersion(stack, "Greeting", { code: Code.fromAsset(join(import.meta.dirname, "layer")) })],
  });
  const url = greeter.addAlias("live").addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  new StringParameter(stack, "Url", { parameterName: "/greeter/url", stringValue: url.url });

  const table = new Table(stack, "Notes", {
    partitionKey: { name: "id", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
  });
  const notes = new NodejsFunction(stack, "NotesFunction", {
    functionName: "notes",
    entry: join(import.meta.dirname, "notes.ts"),
    runtime: Runtime.NODEJS_22_X,
    environment: { TABLE: table.tableName },
  });
  table.grantReadWriteData(notes);

  new Function(stack, "Report", {
    functionName: "report",
    runtime: Runtime.PYTHON_3_13,
    handler: "index.handler",
    code: Code.fromInline("def handler(event, context): return 1"),
  });
}
