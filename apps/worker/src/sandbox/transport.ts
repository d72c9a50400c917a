/** The way to one supervisor: what a driver has made, before anything was said. */
export interface Transport {
  readonly id: string;
  /** Resolves when the supervisor and its output have ended, with what is known of why. Never rejects. */
  readonly ended: Promise<string>;
  /** Hands on the supervisor's stdout; called once. Nothing of it is lost before. */
  onOutput(listener: (chunk: Buffer) => void): void;
  send(pieces: Buffer[]): void;
  /** Makes room for that much memory in all; resolves at once where the supervisor does it itself. */
  allow(bytes: number, processes: number): Promise<void>;
  /** Ends the supervisor; resolves when nothing of it is left. Never rejects. */
  kill(): Promise<void>;
}
