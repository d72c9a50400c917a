/** Returns at once. */
export const quick = 'def main():\n  return 1';
/** Sleeps for its input, in seconds, and returns it. */
export const sleep = 'import time\ndef main(s):\n  time.sleep(s)\n  return s';
/** The same, and says first that it runs. */
export const sayAndSleep =
  'import time\ndef main(s):\n  print("runs", flush=True)\n  time.sleep(s)\n  return s';
