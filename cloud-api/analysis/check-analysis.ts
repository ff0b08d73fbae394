import type { AnalysisMode, AnalysisTarget, NewAnalysis } from '../../contract/index.js';
import { CloudError } from '../errors.js';

/** An analysis that this cloud can carry out. */
export type Order = {
  mode: AnalysisMode;
  contentIds: string[];
  intent: string | null;
  title: string | null;
  target: AnalysisTarget | null;
};

/**
 * Refuses what does not go together, and what is not served.
 * @throws CloudError `invalid_request`
 */
export function checkAnalysis({ mode, contentIds, context, scope, intent, title, target }: NewAnalysis): Order {
  if (context === 'history') throw refused('context: history is not served');
  if (scope !== null) throw refused('scope: only with context history');
  if (contentIds.length === 0) throw refused('contentIds: submitted needs one at least');
  if (target !== null && 'output' in target) throw refused('target: output is not served');
  if (mode === 'direct' && contentIds.length !== 1) throw refused('contentIds: direct takes exactly one');
  if (mode === 'direct' && target === null) throw refused('target: direct needs one');
  return { mode, contentIds: [...new Set(contentIds)], intent: intent || null, title: title || null, target };
}

function refused(message: string): CloudError {
  return new CloudError('invalid_request', message);
}
