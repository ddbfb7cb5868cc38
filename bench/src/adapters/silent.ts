function ignore(): void {
  // Logging is off for every SDK.
}

/** A logger that writes nothing, in the shape that several SDKs take. */
export const SILENT = { error: ignore, warn: ignore, info: ignore, debug: ignore };
