export * from './caller.ts';
export * from './job.ts';
export * from './key.ts';
export * from './limits.ts';
export * from './list.ts';
export * from './outcome.ts';
export * from './problem.ts';
export * from './runtime.ts';
