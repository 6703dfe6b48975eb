/** A service, a stage or an option that AWS or Fanfare does not accept. The message is one line for the person who wrote it. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
