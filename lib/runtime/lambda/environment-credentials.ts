import { requireVariable } from "./config.ts";
import type { Credentials } from "./signature.ts";

/** The credentials of a function's role, as Lambda passes them: lambda/latest/dg/configuration-envvars. @throws Error if one is missing */
export function environmentCredentials(): Credentials {
  const sessionToken = process.env["AWS_SESSION_TOKEN"];
  return {
    accessKeyId: requireVariable("AWS_ACCESS_KEY_ID"),
    secretAccessKey: requireVariable("AWS_SECRET_ACCESS_KEY"),
    ...(sessionToken !== undefined && { sessionToken }),
  };
}
