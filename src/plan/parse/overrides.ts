/**
 * What the command line and the environment say about a run, already merged (a flag beats the
 * environment). What is given here beats the script; undefined leaves the script's own value. Texts
 * are as the user typed them: this folder parses them and names the flag when they are wrong.
 */
export interface PlanOverrides {
  /** Target of every scenario. */
  readonly host?: string | undefined
  readonly users?: number | string | undefined
  /** Users started per second. */
  readonly spawnRate?: number | string | undefined
  readonly duration?: string | undefined
  readonly rate?: number | string | undefined
  readonly iterations?: number | string | undefined
  /** '30s:50' ramps to 50 users over 30 s; '30s:50/s' to 50 starts a second. */
  readonly stages?: readonly string[] | undefined
  readonly workers?: number | string | undefined
  /** Over the plan's own `env`, value by value. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Names of the scenarios to keep; undefined or empty keeps all. */
  readonly scenarios?: readonly string[] | undefined
  /** Over the plan's own `tags`, value by value. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly seed?: number | string | undefined
  /** The seed when neither the command line nor the script has one: 0 to 2^32 - 1. */
  readonly randomSeed: number
  readonly insecure?: boolean | undefined
  readonly stopTimeout?: string | undefined
  readonly warmUp?: string | undefined
  readonly exactPacing?: boolean | undefined
  /** Added to the script's own thresholds. */
  readonly thresholds?: readonly string[] | undefined
  /** Added to the script's own `allowedHosts`. */
  readonly allowHosts?: readonly string[] | undefined
  readonly proxies?: ProxySettings | undefined
}

/** Values of HTTP_PROXY, HTTPS_PROXY and NO_PROXY; '' counts as not set. */
export interface ProxySettings {
  readonly http?: string | undefined
  readonly https?: string | undefined
  readonly no?: string | undefined
}
