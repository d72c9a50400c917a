export const HELP = `Tries what this machine can offer each driver: makes a slot as a worker does, proves its jails, and takes it down.

  npm run doctor
  npm run --silent doctor -- --json

  --json    prints one JSON object and nothing else (--silent keeps npm's own lines out of it)
  --help    this text

The settings are those of npm start: SANDBOX_DRIVER, SANDBOX_IMAGE, SANDBOX_START, SANDBOX_REQUIRE_CGROUP, DATA_DIR;
DOCKER_HOST names another engine. It installs and changes nothing. docs/operations.md lists the causes.
Exit codes: 0 the driver that SANDBOX_DRIVER names works, 1 it does not or a setting is bad, 2 not understood.
`;
