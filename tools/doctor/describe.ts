import { causes } from '../lib/causes.ts';
import type { DriverReport, Report } from './report.ts';

type Row = [name: string, text: string];

/** The report for a reader at a terminal. */
export function describe({ drivers, npm_start: start, docker_compose_up: compose }: Report): string {
  const rows: Row[] = [
    ...rowsOf('process', drivers.process),
    ['', ''],
    ...rowsOf('docker', drivers.docker),
    ['', ''],
    [
      'npm start',
      start.works
        ? `runs jobs on the ${start.driver} driver`
        : `is refused: the ${start.driver} driver does not work`,
    ],
    ['docker compose up', sayCompose(compose)],
  ];
  return rows.map(([name, text]) => `  ${name.padEnd(17)} ${text}`.trimEnd()).join('\n');
}

function rowsOf(name: string, { works, slot, findings }: DriverReport): Row[] {
  const rows: Row[] = [[name, works ? 'works, proven with a trial jail' : 'does not work']];
  if (slot !== null) {
    const packages = Object.entries(slot.packages).map(([library, version]) => `${library} ${version}`);
    rows.push(
      [
        '  jails',
        `${slot.isolation}, ${slot.start === 'warm' ? 'made ahead of each job' : 'made when the job is there'}`,
      ],
      ['  limits', `enforced by ${slot.limits_enforced_by}`],
      ['  python', `${slot.python} with ${packages.join(', ')}`],
    );
  }
  return [...rows, ...findings.flatMap(rowsOfFinding)];
}

const rowsOfFinding = ({ cause, severity, seen, cure }: DriverReport['findings'][number]): Row[] => [
  [severity === 'refused' ? '  refused' : '  weaker', `${causes[cause].means} (${cause})`],
  ['  seen', seen],
  ['  cure', cure],
];

function sayCompose({ works, builds_image: buildsImage }: Report['docker_compose_up']): string {
  if (buildsImage) return 'builds the image first; then run this again';
  return works ? 'runs jobs on the docker driver' : 'cannot run jobs: the docker driver does not work';
}
