/** What each of AWS's own policies allows, on every resource. AWS managed policy reference guide */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ["*"],
  AmazonDynamoDBFullAccess: ["dynamodb:*"],
  AmazonDynamoDBReadOnlyAccess: [
    "dynamodb:BatchGetItem",
    "dynamodb:Describe*",
    "dynamodb:List*",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:GetResourcePolicy",
    "dynamodb:GetShardIterator",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PartiQLSelect",
  ],
  AmazonS3FullAccess: ["s3:*", "s3-object-lambda:*"],
  AmazonS3ReadOnlyAccess: ["s3:Get*", "s3:List*", "s3:Describe*"],
  AmazonSESFullAccess: ["ses:*"],
  AmazonSNSFullAccess: ["sns:*"],
  AmazonSNSReadOnlyAccess: [
    "sns:GetTopicAttributes",
    "sns:List*",
    "sns:CheckIfPhoneNumberIsOptedOut",
    "sns:GetEndpointAttributes",
  ],
  AmazonSQSFullAccess: ["sqs:*"],
  AmazonSQSReadOnlyAccess: [
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListDeadLetterSourceQueues",
    "sqs:ListQueues",
    "sqs:ListMessageMoveTasks",
    "sqs:ListQueueTags",
  ],
  AmazonSSMReadOnlyAccess: ["ssm:Describe*", "ssm:Get*", "ssm:List*"],
  AWSLambda_FullAccess: [
    "lambda:*",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
  ],
  AWSXRayDaemonWriteAccess: ["xray:Put*", "xray:Get*"],
  AWSXrayWriteOnlyAccess: ["xray:Put*", "xray:Get*"],
  CloudWatchLambdaInsightsExecutionRolePolicy: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  "service-role/AWSLambdaBasicExecutionRole": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  "service-role/AWSLambdaVPCAccessExecutionRole": [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  "service-role/AWSLambdaSQSQueueExecutionRole": [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ],
  "service-role/AWSLambdaDynamoDBExecutionRole": [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ],
  "service-role/AWSLambdaRole": ["lambda:InvokeFunction"],
};

/** The document of a policy that AWS keeps, as far as calls here can ask for it; undefined for one that is not known. */
export function managedPolicy(policyArn: string): object | undefined {
  const name = /^arn:aws:iam::aws:policy\/(.+)$/.exec(policyArn)?.[1];
  const actions = name === undefined || !Object.hasOwn(ALLOWED, name) ? undefined : ALLOWED[name];
  return actions && { Version: "2012-10-17", Statement: { Effect: "Allow", Action: actions, Resource: "*" } };
}
