/** A service, a stage or an option that AWS or Fanfare does not accept. The message is one line for its author. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
