import { serviceSettings } from '../../kit/settings.ts'

/** Read at each use. */
export const orderSettings = serviceSettings(
  { poolConnectionsMax: 12 },
  {
    /** Orders or goods in one call for an order list's parts; 1 asks for each on its own. */
    entriesPerCall: 100,
    callsAtOnce: 4,
    /** A notification that is not taken by then is given up; the order stands. */
    notificationTimeoutMs: 250,
    /** How long a repeated clientOrderId waits for the first order to be done. */
    replayWaitMs: 3_000,
    replayPollMs: 20,
  },
)
