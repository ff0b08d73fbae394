import type { DiagnosisCode } from './advice.js';

/** What is looked at, in the order in which one thing causes the next. */
export const STEPS = [
  'tag',
  'hub-page',
  'clock',
  'hub-clock',
  'dns',
  'tcp',
  'tls',
  'claim-certificate',
  'identity',
  'cloud',
  'registry',
  'decision',
  'certificate',
  'hub-says',
  'last-seen',
] as const;

export type Step = (typeof STEPS)[number];

/** What a step has found. `unknown`: it could not be looked at, or is no cause by itself. */
export type Finding = {
  step: Step;
  status: 'ok' | 'failed' | 'unknown';
  /** `ok`, one of ours, or what the hub or the cloud says. */
  code: string;
  message: string;
  /** What a person can do. */
  advice: string | null;
};

/** A finding without its step and advice. */
export type Found =
  | { status: 'ok'; message: string }
  | { status: 'failed' | 'unknown'; code: DiagnosisCode; message: string }
  | { status: 'failed' | 'unknown'; code: string; message: string; advice: string };

export const ok = (message: string): Found => ({ status: 'ok', message });
export const failed = (code: DiagnosisCode, message: string): Found => ({ status: 'failed', code, message });
export const unknown = (code: DiagnosisCode, message: string): Found => ({ status: 'unknown', code, message });
export const notAsked = (flags: string): Found => unknown('diagnose.not-asked', `${flags} would tell`);
