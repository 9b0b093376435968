"""The edge towards the legacy API: performs calls, with its credential, retries and limits."""
