export * from './caller.ts';
export * from './job.ts';
export * from './limits.ts';
export * from './outcome.ts';
export * from './problem.ts';
export * from './runtime.ts';
