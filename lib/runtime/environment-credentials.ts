import { fromEnv } from "@aws-sdk/credential-provider-env";

/**
 * Stands in for the SDK's default chain of credential providers in every function's bundle: Lambda hands a function its
 * role's credentials in environment variables (lambda/latest/dg/configuration-envvars), and the providers that the chain
 * would try after them (SSO, profiles, web identity, instance metadata) are a third of the SDK's size.
 */
export const defaultProvider = () => fromEnv();
