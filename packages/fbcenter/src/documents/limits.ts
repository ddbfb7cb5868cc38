/** How large an environment may become: SDKs take all of it in one message. */
export interface EnvironmentLimits {
  /** Flags and segments, archived ones included. */
  readonly documents: number;
  /** Their text, in bytes. */
  readonly bytes: number;
}

export const ENVIRONMENT_LIMITS: EnvironmentLimits = { documents: 20_000, bytes: 64 * 1024 * 1024 };
