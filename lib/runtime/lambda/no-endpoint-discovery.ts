/**
 * Replaces DynamoDB's endpoint discovery in every function's bundle, 8 KB: it is off unless asked for, and DynamoDB itself has no need of
 * it. amazondynamodb/latest/APIReference/API_DescribeEndpoints
 */
export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config;

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};
